/** Where the lines across a chart are: at most five, at round numbers, the last above all that is shown. */
export function ticksUpTo(highest: number, { whole = false } = {}): number[] {
  if (highest <= 0) return [0, 1];
  const rough = highest / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((step) => step >= rough * 0.999999);
  const step = Math.max(whole ? 1 : 0, whole ? Math.ceil(round ?? rough) : (round ?? rough));
  const count = Math.ceil((highest / step) * 0.999999);
  return Array.from({ length: count + 1 }, (_tick, index) => index * step);
}

/** How far apart days are named: where there is little room, and where there is much. One is a multiple of the other. */
export function namedDays(count: number): { narrow: number; wide: number } {
  const wide = Math.ceil(count / 12);
  return { wide, narrow: wide * Math.ceil(count / 5 / wide) };
}

/**
 * A path for each series, of one bar for each day upon those of the series before. A day is as wide as 1, and the whole is as
 * high as 1, which `top` reaches.
 */
export function stackedBars(series: readonly (readonly number[])[], days: number, top: number): string[] {
  const width = days <= 7 ? 0.4 : 0.8;
  const heights = Array.from({ length: days }, () => 0);
  const place = (value: number) => Number(value.toFixed(5));
  return series.map((values) =>
    values
      .map((value, day) => {
        if (value <= 0) return '';
        const from = heights[day] ?? 0;
        const to = from + value;
        heights[day] = to;
        const [bottom, upper] = [place(1 - from / top), place(1 - to / top)];
        return `M${place(day + (1 - width) / 2)} ${bottom}V${upper}h${width}V${bottom}z`;
      })
      .join(''),
  );
}
