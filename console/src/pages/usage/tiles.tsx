import { formatUsd } from '../../answers/format.ts';
import { cx } from '../../ui/class-names.ts';
import { formatCompact, formatMeasure, measureNames } from './format.ts';
import { type Measure, measures } from './search.ts';
import { changeFrom, measured, type UsageTotals } from './sums.ts';

export interface TilesProps {
  now: UsageTotals;
  before: UsageTotals;
  /** Dollars of time that nobody used; 0 where it is not known. */
  idleUsd: number;
  days: number;
  measure: Measure;
  onMeasure: (measure: Measure) => void;
}

const percent = new Intl.NumberFormat('en', {
  style: 'percent',
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
});

/** The sums of the period beside those of the one before; choosing one charts it. */
export function Tiles({ now, before, idleUsd, days, measure, onMeasure }: TilesProps) {
  return (
    <div role="group" aria-label="What is charted" className="grid grid-cols-2 gap-2 sm:gap-3 lg:grid-cols-4">
      {measures.map((each) => {
        const value = measured(now, each);
        const change = changeFrom(measured(before, each), value);
        return (
          <button
            key={each}
            type="button"
            aria-pressed={each === measure}
            onClick={() => onMeasure(each)}
            className={cx(
              'flex min-w-0 flex-col gap-0.5 rounded-xl border bg-surface px-4 py-3 text-left hover:bg-hover',
              each === measure && 'border-accent outline-1 outline-accent',
            )}
          >
            <span className="text-xs text-muted">{measureNames[each]}</span>
            <span className="truncate text-xl font-semibold tracking-tight tabular">
              {formatMeasure(value, each, value >= 1e6)}
            </span>
            <span className="text-xs text-muted tabular">
              {change === null
                ? 'Nothing before'
                : change === 0
                  ? `As in the ${days} days before`
                  : `${percent.format(change)} from the ${days} days before`}
            </span>
            {each === 'machine' && idleUsd > 0 && (
              <span className="text-xs text-muted tabular">and {formatUsd(idleUsd)} idle</span>
            )}
            {each === 'tokens' && (
              <span className="text-xs text-muted tabular">
                {formatCompact(now.inputTokens)} in, {formatCompact(now.outputTokens)} out
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}
