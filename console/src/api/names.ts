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
  /** Whether the keys are being read. */
  keysPending: boolean;
  /** The name of a project, key or member; a short form of the id of what is gone. */
  nameOf: (id: string) => string;
  /** The same, where there is one. */
  knownName: (id: string) => string | undefined;
}

/**
 * What projects, keys and models are called, as far as the member sees them.
 * @param withKeys whether keys are wanted: they take a request for each project.
 */
export function useNames(withKeys: boolean): OrganizationNames {
  const me = useMe();
  const projects = useQuery({
    ...projectsQuery({ archived: true }),
    enabled: me.can['projects.read'] === true,
  });
  const models = useQuery(modelsQuery);
  const members = useQuery({ ...membersQuery, enabled: me.can['users.read'] === true });
  const { keyLists, keysPending } = useQueries({
    queries: (projects.data ?? [])
      .filter(({ status }) => status === 'active' && me.can['api_keys.read'] === true)
      .map(({ id }) => ({ ...keysQuery(id, { revoked: true }), enabled: withKeys })),
    combine: (results) => {
      const pending = results.some(({ isLoading }) => isLoading);
      // All together, so that what shows them is drawn once.
      return { keyLists: pending ? [] : results.flatMap(({ data }) => data ?? []), keysPending: pending };
    },
  });
  return useMemo(() => {
    const named = (all: readonly { id: string; name: string }[]) =>
      all.map(({ id, name }) => ({ value: id, label: name }));
    const keys = keyLists
      // Those that still work first.
      .toSorted((one, other) => Number(one.revoked_at !== null) - Number(other.revoked_at !== null))
      .map((key) => (key.revoked_at === null ? key : { ...key, name: `${key.name} (revoked)` }));
    const known = { projects: named(projects.data ?? []), keys: named(keys) };
    const names = new Map([...known.projects, ...known.keys].map(({ value, label }) => [value, label]));
    for (const { id, name } of members.data ?? []) names.set(id, name);
    names.set(me.user.id, me.user.name);
    return {
      ...known,
      models: (models.data ?? []).map(({ id }) => ({ value: id, label: id })),
      keysPending,
      knownName: (id) => names.get(id),
      nameOf: (id) => names.get(id) ?? `${id.slice(0, 12)}…`,
    };
  }, [projects.data, keyLists, keysPending, models.data, members.data, me]);
}
