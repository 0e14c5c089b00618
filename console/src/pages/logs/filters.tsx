import { useState } from 'react';
import type { OrganizationNames } from '../../api/names.ts';
import { FilterMenu } from '../../ui/filter-menu.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { periods, type LogSearch, statuses } from './search.ts';
import { statusWords } from './status.tsx';

/** Looks for the x-request-id that a client has, when it is entered. */
function RequestIdSearch({ search, onChange }: Pick<LogFiltersProps, 'search' | 'onChange'>) {
  const [typed, setTyped] = useState(search.requestId ?? '');
  return (
    <form
      className="w-full sm:w-52"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ requestId: typed.trim() || undefined });
      }}
    >
      <Input
        type="search"
        aria-label="Find by x-request-id"
        placeholder="x-request-id, then Enter"
        isSmall
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          if (event.target.value === '' && search.requestId !== undefined) onChange({ requestId: undefined });
        }}
      />
    </form>
  );
}

export interface LogFiltersProps {
  search: LogSearch;
  names: OrganizationNames;
  onChange: (change: Partial<LogSearch>) => void;
  onKeysWanted: () => void;
}

const periodLabels: Record<string, string> = {
  '1': 'Last hour',
  '24': 'Last 24 hours',
  '168': 'Last 7 days',
  '720': 'Last 30 days',
};

const slowerLabels = ['0', '1000', '5000', '30000'].map((value) => ({
  value,
  label: value === '0' ? 'Any duration' : `${Number(value) / 1000} s or longer`,
}));

/** Which requests are listed. */
export function LogFilters({ search, names, onChange, onKeysWanted }: LogFiltersProps) {
  const orNone = <Item,>(list: Item[]) => (list.length === 0 ? undefined : list);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        label="Period"
        size="filter"
        isFiltering={search.hours !== undefined}
        value={String(search.hours ?? 'all')}
        options={[
          { value: 'all', label: 'All time' },
          ...periods.map((hours) => ({ value: String(hours), label: periodLabels[hours] ?? '' })),
        ]}
        onChange={(value) => {
          onChange({ hours: periods.find((each) => String(each) === value) });
        }}
      />
      <FilterMenu
        label="Status"
        plural="statuses"
        options={statuses.map((value) => ({ value, label: statusWords[value].label }))}
        chosen={search.statuses ?? []}
        onChange={(list) => onChange({ statuses: orNone(statuses.filter((each) => list.includes(each))) })}
      />
      <FilterMenu
        label="Model"
        plural="models"
        options={names.models}
        chosen={search.models ?? []}
        onChange={(list) => onChange({ models: orNone(list) })}
      />
      <FilterMenu
        label="Key"
        plural="keys"
        options={names.keys}
        pending={names.keysPending}
        onWanted={onKeysWanted}
        chosen={search.keys ?? []}
        onChange={(list) => onChange({ keys: orNone(list) })}
      />
      <FilterMenu
        label="Project"
        plural="projects"
        options={names.projects}
        chosen={search.projects ?? []}
        onChange={(list) => onChange({ projects: orNone(list) })}
      />
      <Select
        label="Duration"
        size="filter"
        isFiltering={search.slower !== undefined}
        value={String(search.slower ?? 0)}
        options={
          slowerLabels.some(({ value }) => value === String(search.slower ?? 0))
            ? slowerLabels
            : [...slowerLabels, { value: String(search.slower), label: `${search.slower} ms or longer` }]
        }
        onChange={(value) => onChange({ slower: value === '0' ? undefined : Number(value) })}
      />
      <RequestIdSearch key={search.requestId ?? ''} search={search} onChange={onChange} />
    </div>
  );
}
