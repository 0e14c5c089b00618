import type { OrganizationNames } from '../../api/names.ts';
import { FilterMenu } from '../../ui/filter-menu.tsx';
import { Segments } from '../../ui/segments.tsx';
import type { UsageSearch } from './search.ts';

export interface UsageFiltersProps {
  search: UsageSearch;
  names: OrganizationNames;
  onChange: (change: Partial<UsageSearch>) => void;
  onKeysWanted: () => void;
}

/** Which days, models, keys and projects count. */
export function UsageFilters({ search, names, onChange, onKeysWanted }: UsageFiltersProps) {
  const listOrNone = (list: string[]) => (list.length === 0 ? undefined : list);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segments
        label="Days"
        value={String(search.days ?? 30)}
        options={[
          { value: '7', label: '7 days' },
          { value: '30', label: '30 days' },
          { value: '90', label: '90 days' },
        ]}
        onChange={(value) => onChange({ days: value === '7' ? 7 : value === '90' ? 90 : 30 })}
      />
      <FilterMenu
        label="Model"
        plural="models"
        options={names.models}
        chosen={search.models ?? []}
        onChange={(list) => onChange({ models: listOrNone(list) })}
      />
      <FilterMenu
        label="Project"
        plural="projects"
        options={names.projects}
        chosen={search.projects ?? []}
        onChange={(list) => onChange({ projects: listOrNone(list) })}
      />
      <FilterMenu
        label="Key"
        plural="keys"
        options={names.keys}
        pending={names.keysPending}
        onWanted={onKeysWanted}
        chosen={search.keys ?? []}
        onChange={(list) => onChange({ keys: listOrNone(list) })}
      />
    </div>
  );
}
