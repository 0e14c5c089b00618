import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useNames } from '../../api/names.ts';
import { lazyPart } from '../../lazy-part.tsx';
import { Permitted } from '../../shell/permitted.tsx';
import { Button } from '../../ui/button.tsx';
import { DownloadIcon, UsageIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { Segments } from '../../ui/segments.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { Budgets } from './budgets.tsx';
import { UsageFilters } from './filters.tsx';
import { Machines } from './machines.tsx';
import { type Usage as UsageOfDays, usageBeforeQuery, usageQuery } from './queries.ts';
import type { UsageSearch } from './search.ts';
import { byGroup, csvOf, idleTotal, others, seriesOf, totalsOf } from './sums.ts';
import { UsageTable } from './table.tsx';
import { Tiles } from './tiles.tsx';

const UsageChart = lazyPart(
  () => import('./chart.tsx'),
  () => <Skeleton className="h-60" />,
);

const nothing: UsageOfDays = { days: [], rows: [], idle: [] };

/** Tokens, requests and money by day, and by model, key or project. */
export default function UsagePage() {
  return (
    <Permitted needs={['usage.read']} what="usage">
      <Usage />
    </Permitted>
  );
}

function Usage() {
  const search = useSearch({ from: '/shell/usage' });
  const navigate = useNavigate();
  const { days = 30, by = 'model', measure = 'cost' } = search;
  const [keysWanted, setKeysWanted] = useState(false);
  // In this order: connections are few, and names can follow figures.
  const before = useQuery(usageBeforeQuery(search));
  const usage = useQuery(usageQuery(search, by));
  const names = useNames(keysWanted || by === 'key' || search.keys !== undefined);
  const set = (change: Partial<UsageSearch>) =>
    void navigate({ to: '/usage', search: { ...search, ...change }, replace: true, resetScroll: false });
  const nameOf = useCallback(
    (group: string) => (by === 'model' || group === others ? group : names.nameOf(group)),
    [by, names],
  );
  const { days: shownDays, rows, idle } = usage.data ?? nothing;
  // With hundreds of keys there are thousands of rows: they are summed once, however often the page is drawn.
  const totals = useMemo(() => totalsOf(rows), [rows]);
  const groups = useMemo(() => byGroup(rows, measure), [rows, measure]);
  const series = useMemo(
    () => seriesOf(rows, groups, shownDays, measure),
    [rows, groups, shownDays, measure],
  );
  // Hundreds of bars take a moment to draw: the figures don't wait for them.
  const chart = useDeferredValue(
    useMemo(() => ({ days: shownDays, series, measure, nameOf }), [shownDays, series, measure, nameOf]),
  );
  const filtered = [search.models, search.keys, search.projects].some((list) => list !== undefined);
  return (
    <Page
      title="Usage"
      description="What was asked, and what it cost by price and by the machines’ time. Days are UTC."
      actions={
        <Button
          disabled={rows.length === 0}
          onClick={() => save(`usage-by-${by}-${days}-days.csv`, csvOf({ rows, idle }, by, nameOf))}
        >
          <DownloadIcon />
          CSV
        </Button>
      }
    >
      <UsageFilters search={search} names={names} onChange={set} onKeysWanted={() => setKeysWanted(true)} />
      {usage.isLoadingError || before.isLoadingError ? (
        <ErrorState
          error={usage.error ?? before.error}
          onRetry={() => void Promise.all([usage.refetch(), before.refetch()])}
        />
      ) : usage.isPending || before.isPending ? (
        <Loading />
      ) : rows.length === 0 && before.data.requests === 0 ? (
        <EmptyState
          icon={<UsageIcon className="size-6" />}
          title={filtered ? 'Nothing fits these filters' : 'Nothing was asked yet'}
          action={
            filtered && (
              <Button onClick={() => set({ models: undefined, keys: undefined, projects: undefined })}>
                Show everything
              </Button>
            )
          }
        >
          {filtered
            ? 'In these days and those before.'
            : 'Ask a model in the playground or with a key; it shows here within seconds.'}
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-5" aria-busy={usage.isPlaceholderData || before.isPlaceholderData}>
          <Tiles
            now={totals}
            idleUsd={idleTotal(idle)}
            before={before.data}
            days={days}
            measure={measure}
            onMeasure={(next) => set({ measure: next })}
          />
          <div className="flex flex-col gap-3 rounded-xl border bg-surface px-3 py-3 sm:px-4">
            <Segments
              label="By"
              value={by}
              options={[
                { value: 'model', label: 'By model' },
                { value: 'key', label: 'By key' },
                { value: 'project', label: 'By project' },
              ]}
              onChange={(next) => set({ by: next })}
            />
            <UsageChart {...chart} />
          </div>
          <UsageTable
            groups={groups}
            totals={totals}
            by={by}
            measure={measure}
            coloured={series.map(({ group }) => group)}
            nameOf={nameOf}
            days={days}
          />
          <Budgets />
          <Machines answeringUsd={totals.machine} idle={idle} filtered={filtered} />
        </div>
      )}
    </Page>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-5">
      <div className="grid grid-cols-2 gap-2 sm:gap-3 lg:grid-cols-4">
        {Array.from({ length: 4 }, (_tile, index) => (
          <Skeleton key={index} className="h-22 rounded-xl" />
        ))}
      </div>
      <Skeleton className="h-76 rounded-xl" />
      <Skeleton className="h-40 rounded-xl" />
    </div>
  );
}

/** Gives the browser a file to save. */
function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
