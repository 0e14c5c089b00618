import { cx } from './class-names.ts';

export interface MeterProps {
  label: string;
  /** As it is shown: "$3.20 of $5.00". */
  text: string;
  /** Of the whole; more than 1 is full. */
  share: number;
  className?: string;
}

/** How much of something is used up: calm below four fifths, then a warning, then danger, in words as well as colours. */
export function Meter({ label, text, share, className }: MeterProps) {
  const percent = Math.min(100, Math.max(0, share * 100));
  const state =
    share >= 1
      ? { word: 'used up', text: 'text-danger', bar: 'bg-danger' }
      : share >= 0.8
        ? { word: 'nearly used up', text: 'text-warning', bar: 'bg-warning' }
        : { word: null, text: '', bar: 'bg-accent' };
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 text-xs">
        <span className="text-muted">
          {label}
          {state.word !== null && <span className={state.text}>, {state.word}</span>}
        </span>
        <span className="tabular">{text}</span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuenow={Math.round(percent)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={state.word === null ? text : `${text}, ${state.word}`}
        className="h-1.5 overflow-hidden rounded-full bg-hover"
      >
        <div className={cx('h-full rounded-full', state.bar)} style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
