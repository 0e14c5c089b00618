/** A point that has to be named. */
export interface NamedPoint {
  x: number;
  y: number;
  radius: number;
  /** How wide its name is in type. */
  width: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where a name stands. */
export interface LabelPlace {
  box: Box;
  /** From the point's edge to its name, where that is not beside it; else null. */
  leader: [x1: number, y1: number, x2: number, y2: number] | null;
}

export const labelHeight = 14;
const gaps = [4, 12, 20, 36, 52, 68, 84, 100, 116, 132];
/** From here on a name needs a line to its point. */
const farGap = 14;

/**
 * Finds a place for each point's name: within the area, clear of the other names, of all points and of the line, nearest to its own
 * point. Where nothing is clear, what disturbs least.
 */
export function placeLabels(
  points: readonly NamedPoint[],
  line: readonly { x: number; y: number }[],
  area: Box,
): LabelPlace[] {
  const choices = points.map((point) => placesFor(point, area));
  let best: LabelPlace[] = [];
  let leastCost = Infinity;
  // Who comes first has the best choice, so that each is first once.
  for (const first of points.keys()) {
    const order = points.map((_point, index) => (first + index) % points.length);
    const { places, cost } = placeInOrder(order, choices, points, line);
    if (cost < leastCost) [best, leastCost] = [places, cost];
  }
  return best;
}

type Choice = LabelPlace & { cost: number };

function placeInOrder(
  order: readonly number[],
  choices: readonly Choice[][],
  points: readonly NamedPoint[],
  line: readonly { x: number; y: number }[],
): { places: LabelPlace[]; cost: number } {
  const chosen = new Map<number, LabelPlace>();
  const costs = new Map<number, number>();
  // The first round places each among those before it, the others mend what came after.
  for (let round = 0; round < 3; round += 1) {
    for (const index of order) {
      chosen.delete(index);
      const others = [...chosen.values()];
      let least = Infinity;
      for (const place of choices[index] ?? []) {
        const cost = place.cost + disturbance(place, index, points, line, others);
        if (cost >= least) continue;
        least = cost;
        chosen.set(index, place);
      }
      costs.set(index, least);
    }
  }
  return {
    places: points.flatMap((_point, index) => chosen.get(index) ?? []),
    cost: [...costs.values()].reduce((sum, cost) => sum + cost, 0),
  };
}

function placesFor(point: NamedPoint, area: Box): Choice[] {
  const { x, y, radius, width } = point;
  const clampedLeft = (left: number) => Math.max(area.left, Math.min(left, area.right - width));
  return gaps.flatMap((gap) => {
    const reach = radius + gap;
    const above = y - reach - labelHeight;
    const below = y + reach;
    const middle = y - labelHeight / 2;
    const corners: [left: number, top: number][] = [
      [clampedLeft(x - width / 2), above],
      [x + reach, middle],
      [clampedLeft(x - width / 2), below],
      [x - reach - width, middle],
      [x + reach * 0.7, above + reach * 0.3],
      [x - reach * 0.7 - width, above + reach * 0.3],
      [x + reach * 0.7, below - reach * 0.3],
      [x - reach * 0.7 - width, below - reach * 0.3],
    ];
    return corners.flatMap(([left, top], direction) => {
      const box = { left, top, right: left + width, bottom: top + labelHeight };
      const within =
        left >= area.left && box.right <= area.right && top >= area.top && box.bottom <= area.bottom;
      if (!within) return [];
      return { box, leader: gap < farGap ? null : leaderOf(point, box), cost: gap + direction * 1.5 };
    });
  });
}

function leaderOf({ x, y, radius }: NamedPoint, box: Box): NonNullable<LabelPlace['leader']> {
  const toX = Math.max(box.left, Math.min(x, box.right));
  const toY = Math.max(box.top, Math.min(y, box.bottom));
  const length = Math.hypot(toX - x, toY - y) || 1;
  return [x + ((toX - x) / length) * radius, y + ((toY - y) / length) * radius, toX, toY];
}

function disturbance(
  { box, leader }: LabelPlace,
  own: number,
  points: readonly NamedPoint[],
  line: readonly { x: number; y: number }[],
  others: readonly LabelPlace[],
): number {
  let cost = 0;
  for (const other of others) {
    if (overlap(box, other.box, 2)) cost += 1000;
    if (leader && crosses(leader, other.box)) cost += 400;
    if (other.leader && crosses(other.leader, box)) cost += 400;
  }
  const ownPoint = points[own];
  const fromOwn = ownPoint === undefined ? 0 : gapBetween(box, ownPoint);
  for (const [index, point] of points.entries()) {
    const { x, y, radius } = point;
    const disc = { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
    if (overlap(box, disc, 1)) cost += 1000;
    if (index === own) continue;
    // Nearer to another point it would be taken for that one's.
    if (gapBetween(box, point) < fromOwn + 2) cost += leader ? 80 : 400;
    if (leader && crosses(leader, disc)) cost += 100;
  }
  for (const [index, to] of line.entries()) {
    const from = line[index - 1];
    if (from && crosses([from.x, from.y, to.x, to.y], box, 1)) cost += 600;
  }
  return cost;
}

/** From a name to the edge of a point. */
function gapBetween(box: Box, { x, y, radius }: NamedPoint): number {
  const dx = Math.max(box.left - x, 0, x - box.right);
  const dy = Math.max(box.top - y, 0, y - box.bottom);
  return Math.hypot(dx, dy) - radius;
}

function overlap(one: Box, other: Box, margin: number): boolean {
  return (
    one.left < other.right + margin &&
    other.left < one.right + margin &&
    one.top < other.bottom + margin &&
    other.top < one.bottom + margin
  );
}

/** Whether a segment touches a box (Liang and Barsky). */
export function crosses(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  box: Box,
  margin = 0,
): boolean {
  let enters = 0;
  let leaves = 1;
  const sides: [number, number][] = [
    [x1 - x2, x1 - (box.left - margin)],
    [x2 - x1, box.right + margin - x1],
    [y1 - y2, y1 - (box.top - margin)],
    [y2 - y1, box.bottom + margin - y1],
  ];
  for (const [step, room] of sides) {
    if (step === 0 && room < 0) return false;
    if (step < 0) enters = Math.max(enters, room / step);
    if (step > 0) leaves = Math.min(leaves, room / step);
  }
  return enters <= leaves;
}
