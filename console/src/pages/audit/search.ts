/** Reads the address of the audit log: kinds of acts, and projects. */
export function auditSearch(search: Record<string, unknown>): { types?: string[]; projects?: string[] } {
  const lists = (['types', 'projects'] as const).map((name) => [
    name,
    [search[name]].flat().filter((each) => typeof each === 'string'),
  ]);
  return Object.fromEntries(lists.filter(([, list]) => list !== undefined && list.length > 0));
}
