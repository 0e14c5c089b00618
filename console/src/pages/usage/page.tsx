import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useNames } from '../../api/names.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { Button } from '../../ui/button.tsx';
import { DownloadIcon, UsageIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { Segments } from '../../ui/segments.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { Budgets } from './budgets.tsx';
import { UsageChart } from './chart.tsx';
import { UsageFilters } from './filters.tsx';
import { Machines } from './machines.tsx';
import { readCsv } from './export.ts';
import { usageBeforeQuery, usageQuery } from './queries.ts';
import type { Dimension, Measure, UsageSearch } from './search.ts';
import { type PeriodUsage, reordered, seriesOf, type UsageTotals } from './sums.ts';
import { UsageTable } from './table.tsx';
import { Tiles } from './tiles.tsx';

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
  // In this order: connections are few, and what filters offer can follow figures.
  const usage = useInfiniteQuery(usageQuery(search, by, measure));
  const before = useQuery(usageBeforeQuery(search));
  const names = useNames(keysWanted || search.keys !== undefined);
  const set = (change: Partial<UsageSearch>) =>
    void navigate({ to: '/usage', search: { ...search, ...change }, replace: true, resetScroll: false });
  const csv = useMutation({
    mutationFn: () => readCsv(search, by),
    onSuccess: (text) => save(`usage-by-${by}-${days}-days.csv`, text),
  });
  const filtered = [search.models, search.keys, search.projects].some((list) => list !== undefined);
  const isBusy = usage.isPlaceholderData || before.isPlaceholderData;
  return (
    <Page
      title="Usage"
      description="What was asked, and what it cost by price and by the machines’ time. Days are UTC."
      actions={
        <Button
          busy={csv.isPending}
          disabled={usage.data === undefined || usage.data.total.requests === 0}
          onClick={() => csv.mutate()}
        >
          <DownloadIcon />
          CSV
        </Button>
      }
    >
      <UsageFilters search={search} names={names} onChange={set} onKeysWanted={() => setKeysWanted(true)} />
      {csv.isError && <ErrorState error={csv.error} onRetry={() => csv.mutate()} />}
      {usage.isLoadingError || before.isLoadingError ? (
        <ErrorState
          error={usage.error ?? before.error}
          onRetry={() => void Promise.all([usage.refetch(), before.refetch()])}
        />
      ) : usage.isPending || before.isPending ? (
        <Loading />
      ) : usage.data.total.requests === 0 && before.data.requests === 0 ? (
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
        <div className="flex flex-col gap-5" aria-busy={isBusy}>
          <Figures
            usage={usage.data}
            before={before.data}
            measure={measure}
            by={by}
            onChange={set}
            hasMore={usage.hasNextPage}
            readingMore={usage.isFetchingNextPage}
            onMore={usage.fetchNextPage}
          />
        </div>
      )}
    </Page>
  );
}

interface FiguresProps {
  usage: PeriodUsage;
  before: UsageTotals;
  measure: Measure;
  by: Dimension;
  onChange: (change: Partial<UsageSearch>) => void;
  hasMore: boolean;
  readingMore: boolean;
  onMore: () => unknown;
}

function Figures({ usage, before, measure, by, onChange, ...more }: FiguresProps) {
  // Until another order is read, the one that is there is shown with its own measure.
  const shown = useMemo(() => reordered(usage, measure) ?? usage, [usage, measure]);
  const series = useMemo(() => seriesOf(shown), [shown]);
  const coloured = useMemo(() => series.map(({ id }) => id), [series]);
  return (
    <>
      <Tiles
        now={usage.total}
        idleUsd={usage.idleUsd}
        before={before}
        days={usage.days.length}
        measure={measure}
        onMeasure={(next) => onChange({ measure: next })}
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
          onChange={(next) => onChange({ by: next })}
        />
        <UsageChart days={shown.days} series={series} measure={shown.measure} />
      </div>
      <UsageTable usage={shown} coloured={coloured} {...more} />
      <Budgets />
      <Machines answeringUsd={usage.total.machine} idleUsd={usage.idleUsd} idle={usage.idle} />
    </>
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
