import { formatDuration, formatRate } from '../../answers/format.ts';
import type { LoggedRequest } from './queries.ts';

type Timing = LoggedRequest['timing'];

const colours = {
  queue: 'var(--line-strong)',
  prompt: 'var(--series-2)',
  generation: 'var(--series-1)',
  none: 'var(--line-strong)',
};

/** The parts that a request's time is made of, in their order; one part when no token came. */
function partsOf(timing: Timing): { label: string; ms: number; colour: string }[] {
  const { queue_ms: queue, prompt_ms: prompt, generation_ms: generation, duration_ms: whole } = timing;
  if (prompt === null || generation === null) return [{ label: 'No token', ms: whole, colour: colours.none }];
  return [
    { label: 'Queue', ms: queue ?? 0, colour: colours.queue },
    { label: 'To the first token', ms: prompt, colour: colours.prompt },
    { label: 'Generation', ms: generation, colour: colours.generation },
  ];
}

/** What the colours of the bars mean. */
export function TimingLegend() {
  const parts = [
    ['Queue', colours.queue],
    ['First token', colours.prompt],
    ['Generation', colours.generation],
  ] as const;
  return (
    <span className="flex gap-2.5">
      {parts.map(([label, colour]) => (
        <span key={label} className="flex items-center gap-1">
          <span className="size-2 rounded-sm" style={{ background: colour }} aria-hidden="true" />
          {label}
        </span>
      ))}
    </span>
  );
}

/** The parts as one bar, to compare rows with each other. @param longestMs what fills the whole width */
export function TimingBar({ timing, longestMs }: { timing: Timing; longestMs: number }) {
  return (
    <span className="flex h-2 w-36 overflow-hidden rounded-sm" aria-hidden="true">
      {partsOf(timing).map(({ label, ms, colour }) => (
        <span
          key={label}
          style={{
            width: `${(ms / Math.max(1, longestMs)) * 100}%`,
            minWidth: ms > 0 ? 1 : 0,
            background: colour,
          }}
        />
      ))}
    </span>
  );
}

/** Where a request's time went, part after part. */
export function Waterfall({ timing }: { timing: Timing }) {
  const whole = Math.max(1, timing.duration_ms);
  const parts = partsOf(timing).map((part, index, all) => ({
    ...part,
    startMs: all.slice(0, index).reduce((sum, { ms }) => sum + ms, 0),
  }));
  return (
    <div className="flex flex-col gap-2">
      {parts.map(({ label, ms, colour, startMs }) => (
        <div key={label} className="grid grid-cols-[8.5rem_1fr_4rem] items-center gap-2 text-xs">
          <span className="text-muted">{label}</span>
          <span className="relative h-2.5 rounded-sm bg-sunken" aria-hidden="true">
            <span
              className="absolute inset-y-0 rounded-sm"
              style={{
                left: `${Math.min(99, (startMs / whole) * 100)}%`,
                width: `${Math.min(100 - Math.min(99, (startMs / whole) * 100), (ms / whole) * 100)}%`,
                minWidth: 2,
                background: colour,
              }}
            />
          </span>
          <span className="text-right tabular">{formatDuration(ms)}</span>
        </div>
      ))}
      <div className="grid grid-cols-[1fr_4rem] gap-2 border-t pt-2 text-xs font-medium">
        <span>
          Whole
          {timing.tokens_per_second !== null && (
            <span className="font-normal text-muted"> · {formatRate(timing.tokens_per_second)} tokens/s</span>
          )}
        </span>
        <span className="text-right tabular">{formatDuration(timing.duration_ms)}</span>
      </div>
      {timing.queue_ms === null && timing.prompt_ms !== null && (
        <p className="text-xs text-muted">Its engine doesn’t tell how long requests wait in it.</p>
      )}
    </div>
  );
}
