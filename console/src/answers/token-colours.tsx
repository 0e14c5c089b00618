import { cx } from '../ui/class-names.ts';
import { Popover } from '../ui/popover.tsx';
import type { TokenLogprob } from './answer.ts';

/** From sure to unsure; each with its words, since colour alone tells nobody enough. */
const steps = [
  { least: 0.9, className: 'bg-transparent', name: 'over 90%' },
  { least: 0.6, className: 'bg-success-soft', name: '60–90%' },
  { least: 0.3, className: 'bg-warning-soft', name: '30–60%' },
  { least: 0, className: 'bg-danger-soft', name: 'under 30%' },
];

function percent(logprob: number): string {
  return `${(Math.exp(logprob) * 100).toFixed(1)}%`;
}

function shown(token: string): string {
  return token.replaceAll(' ', '␣').replaceAll('\n', '⏎') || '∅';
}

/** An answer as its tokens, each coloured by how likely the model found it; one opens to show the alternatives. */
export default function TokenColours({ logprobs }: { logprobs: readonly TokenLogprob[] }) {
  return (
    <div>
      <p className="text-base leading-7 whitespace-pre-wrap">
        {logprobs.map((each, index) => (
          <Token key={index} {...each} />
        ))}
      </p>
      <ul className="mt-2 flex flex-wrap gap-3 text-xs text-muted" aria-label="Colours by probability">
        {steps.map(({ className, name }) => (
          <li key={name} className={cx('rounded px-1', className)}>
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Token({ token, logprob, top_logprobs: alternatives = [] }: TokenLogprob) {
  const probability = Math.exp(logprob);
  const step = steps.find(({ least }) => probability >= least);
  return (
    <Popover
      isNativeButton={false}
      title={`${shown(token)} · ${percent(logprob)}`}
      trigger={
        // No <button>: lines break around one, even in the middle of a word.
        <span
          className={cx('cursor-pointer rounded-sm hover:underline', step?.className)}
          aria-label={`${shown(token)}: ${percent(logprob)}`}
        >
          {token}
        </span>
      }
    >
      {alternatives.length === 0 ? (
        <p className="text-muted">No alternatives were asked for.</p>
      ) : (
        <ol className="flex flex-col gap-1">
          {alternatives.map((each) => (
            <li key={each.token} className="flex justify-between gap-6">
              <code className="font-mono text-xs">{shown(each.token)}</code>
              <span className="text-xs tabular">{percent(each.logprob)}</span>
            </li>
          ))}
        </ol>
      )}
    </Popover>
  );
}
