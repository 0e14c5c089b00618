import {
  CartesianGrid,
  LabelList,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
  ZAxis,
} from 'recharts';
import { formatRate, formatUsd } from '../../answers/format.ts';
import type { Scale, Standing } from './verdict.ts';

export interface CompareChartProps {
  /** With known figures. */
  standings: readonly Standing[];
  votes: number;
  frontier: ReadonlySet<string>;
  scale: Scale;
}

interface Point {
  name: string;
  label: string;
  cost: number;
  place: number;
  quality: number;
  speed: number;
}

/** Votes against price, with speed as size; against speed where all cost the same. The table above it has the figures, for those who don't see it. */
export default function CompareChart({ standings, votes, frontier, scale }: CompareChartProps) {
  const points = (on: boolean): Point[] =>
    standings
      .filter(({ id }) => frontier.has(id) === on)
      .map(({ name, best, costUsd, tokensPerSecond }) => ({
        name,
        label: tokensPerSecond === null ? name : `${name} (${formatRate(tokensPerSecond)}/s)`,
        cost: costUsd ?? 0,
        place: (scale === 'cost' ? costUsd : tokensPerSecond) ?? 0,
        quality: Math.round((best / votes) * 100),
        speed: tokensPerSecond ?? 0,
      }))
      .toSorted((a, b) => a.place - b.place);
  const tick = { fill: 'var(--muted)', fontSize: 11 };
  const axis = { tick, tickLine: false, axisLine: { stroke: 'var(--line)' } };
  return (
    <div role="img" aria-label={`Votes against ${scale}; the table has the figures`} className="h-72">
      <ResponsiveContainer width="100%" height="100%">
        <ScatterChart margin={{ top: 28, right: 24, bottom: 4, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis
            {...axis}
            type="number"
            dataKey="place"
            domain={[0, 'dataMax']}
            padding={{ left: 16, right: 72 }}
            tickFormatter={(value: number) =>
              scale === 'cost' ? formatUsd(value) : `${formatRate(value)}/s`
            }
            tickCount={4}
          />
          <YAxis
            {...axis}
            type="number"
            dataKey="quality"
            name="Votes"
            domain={[0, 100]}
            width={44}
            padding={{ bottom: 26 }}
            tickFormatter={(value: number) => `${value}%`}
          />
          <ZAxis type="number" dataKey="speed" range={[60, 420]} name="Speed" />
          <Tooltip
            cursor={false}
            isAnimationActive={false}
            content={({ active, payload }) => {
              const point: Point | undefined = active ? payload?.[0]?.payload : undefined;
              return point === undefined ? null : (
                <div className="popup px-3 py-2 text-xs tabular">
                  <p className="font-medium">{point.name}</p>
                  <p className="text-muted">
                    {point.quality}% of votes · {formatUsd(point.cost)} · {formatRate(point.speed)} tokens/s
                  </p>
                </div>
              );
            }}
          />
          <Scatter data={points(false)} fill="var(--series-6)" isAnimationActive={false}>
            <LabelList
              dataKey="label"
              content={(label) => <PointLabel {...label} fill="var(--muted)" below />}
            />
          </Scatter>
          <Scatter
            data={points(true)}
            fill="var(--series-1)"
            line={{ stroke: 'var(--series-1)', strokeWidth: 1.5 }}
            isAnimationActive={false}
          >
            <LabelList dataKey="label" content={(label) => <PointLabel {...label} fill="var(--ink)" />} />
          </Scatter>
        </ScatterChart>
      </ResponsiveContainer>
    </div>
  );
}

interface PointLabelProps {
  x?: number | string | undefined;
  y?: number | string | undefined;
  width?: number | string | undefined;
  height?: number | string | undefined;
  value?: unknown;
  fill: string;
  below?: boolean;
}

/** A point's name in one line: above it, or below it, so that those on the frontier and those near it keep apart. */
function PointLabel({ x, y, width, height, value, fill, below = false }: PointLabelProps) {
  if (typeof value !== 'string') return null;
  const middle = Number(x ?? 0) + Number(width ?? 0) / 2;
  return (
    <text
      x={middle}
      y={Number(y ?? 0) + (below ? Number(height ?? 0) + 14 : -6)}
      textAnchor={middle < 140 ? 'start' : 'middle'}
      fill={fill}
      fontSize={11}
    >
      {value}
    </text>
  );
}
