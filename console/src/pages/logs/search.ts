/** What the address of the logs keeps. */
export interface LogSearch {
  hours?: 1 | 24 | 168 | 720 | undefined;
  statuses?: Status[] | undefined;
  models?: string[] | undefined;
  keys?: string[] | undefined;
  projects?: string[] | undefined;
  /** Only those that took at least so many milliseconds. */
  slower?: number | undefined;
  /** The x-request-id that a client has. */
  requestId?: string | undefined;
  /** Cursor of the page. */
  after?: string | undefined;
  /** The request that is looked at. */
  request?: string | undefined;
}

export const statuses = ['completed', 'length', 'cancelled', 'interrupted', 'failed'] as const;
export type Status = (typeof statuses)[number];
export const periods = [1, 24, 168, 720] as const;

/** Reads the address; what it can't mean is left out. */
export function logSearch(search: Record<string, unknown>): LogSearch {
  const texts = (name: string) => [search[name]].flat().filter((each) => typeof each === 'string');
  const hours = periods.find((each) => each === search['hours']);
  const slower = search['slower'];
  const known = statuses.filter((status) => texts('statuses').includes(status));
  const lists = { models: texts('models'), keys: texts('keys'), projects: texts('projects') };
  return {
    ...(hours === undefined ? {} : { hours }),
    ...(known.length === 0 ? {} : { statuses: known }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(typeof slower === 'number' && Number.isInteger(slower) && slower > 0 ? { slower } : {}),
    ...Object.fromEntries(
      (['after', 'request', 'requestId'] as const).flatMap((name) =>
        typeof search[name] === 'string' ? [[name, search[name]]] : [],
      ),
    ),
  };
}

/** Whether anything but the period limits what is listed. */
export function isFiltered({ statuses, models, keys, projects, slower, requestId }: LogSearch): boolean {
  return [statuses, models, keys, projects, slower, requestId].some((each) => each !== undefined);
}
