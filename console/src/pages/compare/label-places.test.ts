import { expect, test } from 'vitest';
import { type Box, crosses, labelHeight, type NamedPoint, placeLabels } from './label-places.ts';

const wide = { left: 0, top: 0, right: 1000, bottom: 260 };
const narrow = { left: 0, top: 0, right: 240, bottom: 260 };

function apart(one: Box, other: Box): boolean {
  return (
    one.left >= other.right || other.left >= one.right || one.top >= other.bottom || other.top >= one.bottom
  );
}

/** What is wrong with the places: names over names, points or the line, or out of the area. */
function faults(points: readonly NamedPoint[], line: readonly NamedPoint[], area: Box): string[] {
  const boxes = placeLabels(points, line, area).map(({ box }) => box);
  expect(boxes).toHaveLength(points.length);
  const found: string[] = [];
  for (const [index, box] of boxes.entries()) {
    if (box.left < area.left || box.right > area.right || box.top < area.top || box.bottom > area.bottom)
      found.push(`${index} is out`);
    for (const [at, other] of boxes.entries())
      if (at > index && !apart(box, other)) found.push(`${index} is over ${at}`);
    for (const [at, { x, y, radius }] of points.entries())
      if (!apart(box, { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }))
        found.push(`${index} is over the point ${at}`);
    for (const [at, to] of line.entries()) {
      const from = line[at - 1];
      if (from && crosses([from.x, from.y, to.x, to.y], box)) found.push(`${index} is over the line`);
    }
  }
  return found;
}

const point = (x: number, y: number, width = 130): NamedPoint => ({ x, y, radius: 9, width });

test('a name without a line stands nearest to its own point', () => {
  const points = [point(20, 200), point(20, 167), point(22, 133)];
  const nearest = placeLabels(points, [], narrow).map(({ box, leader }) => {
    const gaps = points.map(({ x, y }) =>
      Math.hypot(Math.max(box.left - x, 0), Math.max(box.top - y, 0, y - box.bottom)),
    );
    return leader === null ? gaps.indexOf(Math.min(...gaps)) : null;
  });
  const unled = nearest.flatMap((at, index) => (at === null ? [] : [[index, at]]));
  expect(unled.length).toBeGreaterThan(1);
  expect(unled.filter(([index, at]) => index !== at)).toEqual([]);
});

test('a name beside a lone point needs no line to it', () => {
  const [place] = placeLabels([point(500, 130)], [], wide);
  expect(place).toMatchObject({ box: { left: 435, top: 130 - 9 - 4 - labelHeight }, leader: null });
});

test.each([
  ['a steep frontier', [point(900, 20), point(950, 200)], [0, 1], wide],
  ['a flat frontier', [point(100, 150), point(500, 145), point(900, 140)], [0, 1, 2], wide],
  [
    'six close together',
    [point(20, 200), point(22, 170), point(45, 140), point(20, 201), point(46, 200), point(960, 110)],
    [0, 1, 2, 5],
    wide,
  ],
  [
    'six close together on a narrow screen',
    [point(16, 200), point(17, 165), point(20, 130), point(17, 201), point(21, 200), point(160, 100)],
    [0, 1, 2, 5],
    narrow,
  ],
  ['six in one place', Array.from({ length: 6 }, () => point(120, 200)), [0], narrow],
  ['the corners', [point(2, 2), point(998, 2), point(2, 258), point(998, 258)], [], wide],
] as const)('%s: no name is over another, a point or the line', (_what, points, line, area) => {
  const along = line.flatMap((index) => points[index] ?? []);
  expect(faults(points, along, area)).toEqual([]);
});
