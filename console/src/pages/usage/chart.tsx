import { memo } from 'react';
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { formatDay, formatMeasure, measureNames } from './format.ts';
import type { Measure } from './search.ts';
import type { Series } from './sums.ts';

export interface UsageChartProps {
  days: readonly number[];
  series: readonly Series[];
  measure: Measure;
}

/** Stacked bars by day. The table below it says the same in words, for those who don't see it. */
function UsageChart({ days, series, measure }: UsageChartProps) {
  const data = days.map((day, index) => ({
    day,
    ...Object.fromEntries(series.map(({ values }, place) => [`s${place}`, values[index] ?? 0])),
  }));
  const highest = Math.max(
    ...days.map((_day, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)),
  );
  // Digits of this size are less than 7 px wide; the marks beside the axis take the rest.
  const axisWidth = 7 * formatMeasure(highest, measure, true).length + 10;
  // Where all is nothing there is nothing between, which Recharts would make up.
  const scale = highest === 0 ? { domain: [0, 1], ticks: [0] } : {};
  const tick = { fill: 'var(--muted)', fontSize: 11 };
  return (
    <div
      role="img"
      aria-label={`${measureNames[measure]} by day; the table has the figures`}
      className="h-60"
    >
      <ResponsiveContainer width="100%" height="100%">
        <BarChart data={data} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="day"
            tickFormatter={formatDay}
            tick={tick}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            minTickGap={24}
            interval="equidistantPreserveStart"
          />
          <YAxis
            {...scale}
            width={axisWidth}
            tick={tick}
            tickLine={false}
            axisLine={false}
            tickFormatter={(value: number) => formatMeasure(value, measure, true)}
          />
          <Tooltip
            cursor={{ fill: 'var(--hover)' }}
            isAnimationActive={false}
            content={({ active, label }) =>
              active && typeof label === 'number' ? (
                <Day day={label} index={days.indexOf(label)} series={series} measure={measure} />
              ) : null
            }
          />
          {series.map(({ id }, place) => (
            <Bar
              key={id}
              dataKey={`s${place}`}
              stackId="all"
              fill={`var(--series-${place + 1})`}
              maxBarSize={36}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
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
    <div className="popup min-w-44 px-3 py-2 text-xs">
      <p className="mb-1 flex justify-between gap-4 font-medium tabular">
        <span>{formatDay(day)}</span>
        <span>{formatMeasure(total, measure)}</span>
      </p>
      {series.map(({ id, name, values }, place) =>
        (values[index] ?? 0) === 0 ? null : (
          <p key={id} className="flex items-center gap-2">
            <span
              className="size-2 rounded-sm"
              style={{ background: `var(--series-${place + 1})` }}
              aria-hidden="true"
            />
            <span className="min-w-0 flex-1 truncate text-muted">{name}</span>
            <span className="tabular">{formatMeasure(values[index] ?? 0, measure)}</span>
          </p>
        ),
      )}
    </div>
  );
}

export default memo(UsageChart);
