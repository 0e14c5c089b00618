/** What the address of the usage page keeps. */
export interface UsageSearch {
  days?: 7 | 30 | 90;
  by?: Dimension;
  measure?: Measure;
  models?: string[] | undefined;
  keys?: string[] | undefined;
  projects?: string[] | undefined;
}

export const dimensions = ['model', 'key', 'project'] as const;
export type Dimension = (typeof dimensions)[number];
export const measures = ['cost', 'machine', 'tokens', 'requests'] as const;
export type Measure = (typeof measures)[number];
const periods = [7, 30, 90] as const;

/** Reads the address; what it can't mean is left out. */
export function usageSearch(search: Record<string, unknown>): UsageSearch {
  const days = periods.find((each) => each === search['days']);
  const by = dimensions.find((each) => each === search['by']);
  const measure = measures.find((each) => each === search['measure']);
  const lists = Object.entries({
    models: texts(search['models']),
    keys: texts(search['keys']),
    projects: texts(search['projects']),
  }).filter(([, list]) => list.length > 0);
  return {
    ...(days === undefined ? {} : { days }),
    ...(by === undefined ? {} : { by }),
    ...(measure === undefined ? {} : { measure }),
    ...Object.fromEntries(lists),
  };
}

function texts(value: unknown): string[] {
  return [value].flat().filter((each) => typeof each === 'string');
}
