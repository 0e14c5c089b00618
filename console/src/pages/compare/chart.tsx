import {
  CartesianGrid,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
  usePlotArea,
  useXAxisScale,
  useYAxisScale,
} from 'recharts';
import { formatRate, formatUsd } from '../../answers/format.ts';
import { placeLabels } from './label-places.ts';
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
  cost: number;
  place: number;
  quality: number;
  speed: number;
  isBest: boolean;
  /** Of its circle: the faster, the bigger. */
  radius: number;
}

/** Votes against price, with speed as size; against speed where all cost the same. The table above it has the figures, for those who don't see it. */
export default function CompareChart({ standings, votes, frontier, scale }: CompareChartProps) {
  const fastest = Math.max(1, ...standings.map(({ tokensPerSecond }) => tokensPerSecond ?? 0));
  const pointsOf = (on: boolean): Point[] =>
    standings
      .filter(({ id }) => frontier.has(id) === on)
      .map(({ name, best, costUsd, tokensPerSecond }) => ({
        name,
        isBest: on,
        cost: costUsd ?? 0,
        place: (scale === 'cost' ? costUsd : tokensPerSecond) ?? 0,
        quality: Math.round((best / votes) * 100),
        speed: tokensPerSecond ?? 0,
        // By area, as one sees it.
        radius: Math.sqrt(20 + 110 * ((tokensPerSecond ?? 0) / fastest)),
      }))
      .toSorted((a, b) => a.place - b.place);
  const beaten = pointsOf(false);
  const best = pointsOf(true);
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
            padding={{ left: 16, right: 48 }}
            tickFormatter={(value: number) =>
              scale === 'cost' ? formatUsd(value) : `${formatRate(value)} tok/s`
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
          <Scatter data={beaten} shape={Dot} isAnimationActive={false} />
          <Scatter
            data={best}
            shape={Dot}
            line={{ stroke: 'var(--series-1)', strokeWidth: 1.5 }}
            isAnimationActive={false}
          />
          <Names beaten={beaten} best={best} />
        </ScatterChart>
      </ResponsiveContainer>
    </div>
  );
}

interface DotProps {
  cx?: number | undefined;
  cy?: number | undefined;
  payload?: Point;
}

function Dot({ cx, cy, payload }: DotProps) {
  if (!payload) return null;
  const colour = payload.isBest ? 'var(--series-1)' : 'var(--series-6)';
  return <circle cx={cx} cy={cy} r={payload.radius} fill={colour} />;
}

/** The points' names, none over another, a point or the line, wherever the points are. */
function Names({ beaten, best }: { beaten: readonly Point[]; best: readonly Point[] }) {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const plot = usePlotArea();
  if (!x || !y || !plot) return null;
  const at = (point: Point) => ({ x: Number(x(point.place)), y: Number(y(point.quality)) });
  const named = [...beaten, ...best].map((point) => {
    const label = labelOf(point, plot.width);
    return { ...point, ...at(point), label, width: textWidth(label) };
  });
  const area = { left: plot.x, top: 2, right: plot.x + plot.width + 20, bottom: plot.y + plot.height };
  const places = placeLabels(named, best.map(at), area);
  return (
    <g fontSize={fontPixels}>
      {places.map(
        ({ leader }, index) =>
          leader && (
            <path
              key={index}
              d={`M${leader[0]} ${leader[1]}L${leader[2]} ${leader[3]}`}
              stroke="var(--line-strong)"
            />
          ),
      )}
      {places.map(({ box }, index) => (
        <text
          key={index}
          x={box.left}
          y={box.bottom - 3}
          fill={named[index]?.isBest ? 'var(--ink)' : 'var(--muted)'}
          // Lines of the grid end before it.
          stroke="var(--surface)"
          strokeWidth={3}
          paintOrder="stroke"
        >
          {named[index]?.label}
        </text>
      ))}
    </g>
  );
}

const fontPixels = 11;
/** A letter's usual width. */
const letterPixels = fontPixels * 0.56;

/** Its name, shortened in the middle where there is little room: both ends tell it from others. With its speed where there is more. */
function labelOf({ name, speed }: Point, room: number): string {
  const most = Math.min(40, Math.max(14, Math.floor((room * 0.6) / letterPixels)));
  const tail = Math.floor(most / 3);
  const short = name.length > most ? `${name.slice(0, most - tail - 1)}…${name.slice(-tail)}` : name;
  return room < 480 || speed === 0 ? short : `${short} (${formatRate(speed)} tok/s)`;
}

let canvas: CanvasRenderingContext2D | null | undefined;

function textWidth(text: string): number {
  canvas ??= document.createElement('canvas').getContext('2d');
  if (!canvas) return text.length * letterPixels;
  canvas.font = `${fontPixels}px ${getComputedStyle(document.body).fontFamily}`;
  return Math.ceil(canvas.measureText(text).width);
}
