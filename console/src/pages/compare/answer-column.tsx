import { figuresOf, type Answer } from '../../answers/answer.ts';
import { formatCount, formatDuration, formatRate, formatUsd } from '../../answers/format.ts';
import type { RunningAnswer } from '../../answers/run.ts';
import { ModelText } from '../../markdown/model-text.tsx';
import { useSignal } from '../../signal.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/class-names.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { CheckIcon } from '../../ui/icons.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import type { KeptAnswer } from './comparison.ts';

export interface AnswerColumnProps {
  name: string;
  /** Its letter in a blind comparison, also after the reveal. */
  letter: string | null;
  /** Who it is isn't told, nor anything that tells it. */
  hidden: boolean;
  answer: KeptAnswer | undefined;
  /** Where it was measured alone too, for the times. */
  alone: KeptAnswer | undefined;
  run: RunningAnswer | null;
  voteKey: string;
  voted: boolean;
  onVote: (() => void) | null;
}

/** One contestant's answer. Its size is there before it, so nothing moves while it comes. */
export function AnswerColumn(props: AnswerColumnProps) {
  const { name, letter, hidden, answer, alone, run, voteKey, voted, onVote } = props;
  const finish = answer?.metrics?.finish_reason;
  return (
    <li
      className={cx(
        'flex min-w-0 snap-start flex-col rounded-xl border bg-surface',
        voted && 'border-accent inset-ring-1 inset-ring-accent',
      )}
    >
      <header className="flex h-11 items-center gap-2 border-b pr-1.5 pl-3">
        {letter !== null && !hidden && <Badge>{letter}</Badge>}
        <h3 className="min-w-0 flex-1 truncate text-sm font-semibold" title={name}>
          {name}
        </h3>
        {!hidden && finish === 'length' && <Badge tone="warning">Cut at the limit</Badge>}
        {finish === 'stopped' && <Badge tone="warning">Stopped</Badge>}
        {finish === 'cut' && run === null && <Badge tone="warning">Interrupted</Badge>}
        {answer?.content != null && answer.content !== '' && (
          <CopyButton text={answer.content} label={`Copy ${name}`} />
        )}
      </header>
      <section
        aria-label={`Text of ${name}`}
        aria-busy={run !== null}
        // What scrolls has to take the focus, or the keyboard could not scroll it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="h-80 overflow-y-auto overscroll-y-contain px-3 py-2.5 text-sm -outline-offset-2"
      >
        {run !== null ? <Streaming run={run} /> : <Kept answer={answer} />}
      </section>
      <footer className="flex min-h-24 flex-col justify-between gap-2 border-t px-3 py-2.5">
        {hidden ? (
          <p className="text-xs text-muted">Figures show after the reveal.</p>
        ) : run !== null ? (
          <StreamingFigures run={run} />
        ) : (
          <KeptFigures answer={answer} alone={alone} />
        )}
        {onVote && answer && answer.error == null ? (
          <Button size="small" aria-pressed={voted} onClick={onVote} className="self-start">
            {voted && <CheckIcon className="size-3.5 text-accent" />}
            {voted ? 'Your vote' : 'Best'}
            <Kbd keys={voteKey} />
          </Button>
        ) : (
          <span className="h-7" />
        )}
      </footer>
    </li>
  );
}

function Streaming({ run }: { run: RunningAnswer }) {
  const answer = useSignal(run.answer);
  if (answer.text === '') return <Waiting queued={answer.state === 'queued'} />;
  return <ModelText text={answer.text} streaming />;
}

function Waiting({ queued }: { queued: boolean }) {
  return (
    <p className="flex items-center gap-2 text-muted">
      <span className={cx('size-2 animate-pulse rounded-full', queued ? 'bg-line-strong' : 'bg-accent')} />
      {queued ? 'Starts when another answer ends.' : 'Asking …'}
    </p>
  );
}

function Kept({ answer }: { answer: KeptAnswer | undefined }) {
  if (answer === undefined) return <p className="text-muted">No answer.</p>;
  const { content, error } = answer;
  return (
    <>
      {content != null && content !== '' && <ModelText text={content} />}
      {error != null && (
        <p role="alert" className="not-first:mt-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
          {error.message}
        </p>
      )}
      {error == null && (content ?? '') === '' && (
        <p className="text-muted">
          {answer.metrics?.finish_reason === 'stopped'
            ? 'Stopped before its first word.'
            : 'An empty answer.'}
        </p>
      )}
    </>
  );
}

function StreamingFigures({ run }: { run: RunningAnswer }) {
  const answer: Answer = useSignal(run.answer);
  const { timeToFirstTokenMs, tokensPerSecond, completionTokens } = figuresOf(answer);
  return <Figures first={timeToFirstTokenMs} speed={tokensPerSecond} tokens={completionTokens} />;
}

function KeptFigures({ answer, alone }: { answer: KeptAnswer | undefined; alone: KeptAnswer | undefined }) {
  const metrics = (alone ?? answer)?.metrics;
  if (!metrics) return <Figures />;
  return (
    <Figures
      first={metrics.time_to_first_token_ms}
      speed={metrics.tokens_per_second}
      tokens={metrics.usage?.completion_tokens}
      cost={metrics.cost_usd == null ? null : Number(metrics.cost_usd)}
      machine={metrics.machine_usd == null ? null : Number(metrics.machine_usd)}
    />
  );
}

interface FiguresProps {
  first?: number | null | undefined;
  speed?: number | null | undefined;
  tokens?: number | null | undefined;
  cost?: number | null;
  machine?: number | null;
}

function Figures({ first, speed, tokens, cost, machine }: FiguresProps) {
  const figures = [
    ['First token', first == null ? '–' : formatDuration(first)],
    ['Speed', speed == null ? '–' : `${formatRate(speed)} tok/s`],
    ['Tokens', tokens == null ? '–' : formatCount(tokens)],
    ['Price', cost == null ? '–' : formatUsd(cost)],
    ...(machine == null ? [] : [['Measured', formatUsd(machine)]]),
  ];
  return (
    <dl className="flex min-h-9 flex-wrap content-start gap-x-3.5 gap-y-0.5 text-xs text-muted tabular">
      {figures.map(([name, value]) => (
        <div key={name} className="flex gap-1.5">
          <dt>{name}</dt>
          <dd className="text-ink">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
