import { memo, type PointerEvent, useMemo, useState } from 'react';
import { cx } from '../../ui/class-names.ts';
import { namedDays, stackedBars, ticksUpTo } from './chart-shapes.ts';
import { formatDay, formatMeasure, measureNames } from './format.ts';
import type { Measure } from './search.ts';
import type { Series } from './sums.ts';

export interface UsageChartProps {
  days: readonly number[];
  series: readonly Series[];
  measure: Measure;
}

/**
 * Stacked bars by day. The table below it says the same in words, for those who don't see it. A series is one path: a chart
 * with an element for each bar takes a tenth of a second to draw.
 */
export const UsageChart = memo(function UsageChart({ days, series, measure }: UsageChartProps) {
  const { ticks, top, paths } = useMemo(() => {
    const highest = Math.max(
      ...days.map((_day, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)),
    );
    const lines = ticksUpTo(highest, { whole: measure === 'tokens' || measure === 'requests' });
    const highestLine = lines.at(-1) ?? 1;
    const bars = stackedBars(
      series.map(({ values }) => values),
      days.length,
      highestLine,
    );
    return { ticks: lines, top: highestLine, paths: bars };
  }, [days, series, measure]);
  const labels = ticks.map((tick) => formatMeasure(tick, measure, true));
  // Digits of this size are less than 7 px wide.
  const axisWidth = 7 * Math.max(...labels.map((label) => label.length)) + 8;
  const named = namedDays(days.length);
  return (
    <div
      role="img"
      aria-label={`${measureNames[measure]} by day; the table has the figures`}
      className="h-60 pt-2 pr-1 pb-6 text-[11px] text-muted tabular"
      style={{ paddingLeft: axisWidth }}
    >
      <div className="relative h-full">
        {ticks.map((tick, index) => (
          <div
            key={tick}
            className={cx('absolute inset-x-0 border-t', index === 0 && 'border-line-strong')}
            style={{ bottom: `${(tick / top) * 100}%` }}
          >
            <span className="absolute right-full -translate-y-1/2 pr-2 whitespace-nowrap">
              {labels[index]}
            </span>
          </div>
        ))}
        <svg
          viewBox={`0 0 ${days.length} 1`}
          preserveAspectRatio="none"
          className="absolute inset-0 size-full"
          aria-hidden="true"
        >
          {series.map(({ id }, place) => (
            <path key={id} d={paths[place]} fill={`var(--series-${place + 1})`} />
          ))}
        </svg>
        {days.map((day, index) =>
          index % named.wide === 0 ? (
            <span
              key={day}
              className={cx(
                'absolute top-full -translate-x-1/2 pt-1.5 whitespace-nowrap',
                index % named.narrow !== 0 && 'max-lg:hidden',
              )}
              style={{ left: `${((index + 0.5) / days.length) * 100}%` }}
            >
              {formatDay(day)}
            </span>
          ) : null,
        )}
        <DayUnderPointer days={days} series={series} measure={measure} />
      </div>
    </div>
  );
});

/** Tells the figures of the day that is pointed at. */
function DayUnderPointer({ days, series, measure }: UsageChartProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const point = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setPointed(Math.min(days.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * days.length))));
  };
  const day = pointed === null ? undefined : days[pointed];
  return (
    <div
      className="absolute inset-0"
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => setPointed(null)}
    >
      {pointed !== null && day !== undefined && (
        <>
          <div
            className="absolute inset-y-0 bg-ink/8"
            style={{ left: `${(pointed / days.length) * 100}%`, width: `${100 / days.length}%` }}
          />
          <div
            className="pointer-events-none absolute top-0 z-10 px-2"
            style={
              pointed < days.length / 2
                ? { left: `${((pointed + 1) / days.length) * 100}%` }
                : { right: `${(1 - pointed / days.length) * 100}%` }
            }
          >
            <Day day={day} index={pointed} series={series} measure={measure} />
          </div>
        </>
      )}
    </div>
  );
}

function Day({
  day,
  index,
  series,
  measure,
}: Omit<UsageChartProps, 'days'> & { day: number; index: number }) {
  const total = series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
  return (
    <div className="popup max-w-60 min-w-36 px-3 py-2 text-xs text-ink">
      <p className="mb-1 flex justify-between gap-4 font-medium">
        <span>{formatDay(day)}</span>
        <span>{formatMeasure(total, measure)}</span>
      </p>
      {series.map(({ id, name, values }, place) =>
        (values[index] ?? 0) === 0 ? null : (
          <p key={id} className="flex items-center gap-2">
            <span
              className="size-2 shrink-0 rounded-sm"
              style={{ background: `var(--series-${place + 1})` }}
              aria-hidden="true"
            />
            <span className="min-w-0 flex-1 truncate text-muted">{name}</span>
            <span>{formatMeasure(values[index] ?? 0, measure)}</span>
          </p>
        ),
      )}
    </div>
  );
}
