import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { keysQuery, membersQuery, modelsQuery, projectsQuery } from './organization.ts';
import { useMe } from './session.ts';

/** A thing with its name, as filters list it. */
export interface Named {
  value: string;
  label: string;
}

export interface OrganizationNames {
  projects: Named[];
  keys: Named[];
  models: Named[];
  /** Whether a key was revoked: what it did stays in usage and logs. */
  isRevoked: (id: string) => boolean;
  /** The name of a project, key or member; a short form of the id of what is gone. */
  nameOf: (id: string) => string;
  /** The same, where there is one. */
  knownName: (id: string) => string | undefined;
}

/** What projects, keys and models are called, as far as the member sees them. */
export function useNames(): OrganizationNames {
  const me = useMe();
  const projects = useQuery({
    ...projectsQuery({ archived: true }),
    enabled: me.can['projects.read'] === true,
  });
  const models = useQuery(modelsQuery);
  const members = useQuery({ ...membersQuery, enabled: me.can['users.read'] === true });
  const keyLists = useQueries({
    queries: (projects.data ?? [])
      .filter(({ status }) => status === 'active' && me.can['api_keys.read'] === true)
      .map(({ id }) => keysQuery(id, { revoked: true })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  return useMemo(() => {
    const named = (all: readonly { id: string; name: string }[]) =>
      all.map(({ id, name }) => ({ value: id, label: name }));
    const keys = keyLists
      // Those that still work first.
      .toSorted((one, other) => Number(one.revoked_at !== null) - Number(other.revoked_at !== null))
      .map((key) => (key.revoked_at === null ? key : { ...key, name: `${key.name} (revoked)` }));
    const revoked = new Set(keyLists.flatMap(({ id, revoked_at: at }) => (at === null ? [] : [id])));
    const known = { projects: named(projects.data ?? []), keys: named(keys) };
    const names = new Map([...known.projects, ...known.keys].map(({ value, label }) => [value, label]));
    for (const { id, name } of members.data ?? []) names.set(id, name);
    names.set(me.user.id, me.user.name);
    return {
      ...known,
      models: (models.data ?? []).map(({ id }) => ({ value: id, label: id })),
      isRevoked: (id) => revoked.has(id),
      knownName: (id) => names.get(id),
      nameOf: (id) => names.get(id) ?? `${id.slice(0, 12)}…`,
    };
  }, [projects.data, keyLists, models.data, members.data, me]);
}
