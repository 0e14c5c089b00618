import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useNames } from '../../api/names.ts';
import { useHotkey } from '../../shell/hotkeys.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { ChevronLeftIcon, ChevronRightIcon, LogsIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { RequestDrawer } from './drawer.tsx';
import { LogFilters } from './filters.tsx';
import { logQuery } from './queries.ts';
import { isFiltered, type LogSearch } from './search.ts';
import { RequestTable } from './table.tsx';

/** Every metered request, the latest first. */
export default function LogsPage() {
  return (
    <Permitted needs={['requests.read']} what="logs">
      <Logs />
    </Permitted>
  );
}

function Logs() {
  const search = useSearch({ from: '/shell/logs' });
  const navigate = useNavigate();
  const router = useRouter();
  // Rows tell the names of their keys themselves.
  const [keysWanted, setKeysWanted] = useState(false);
  const names = useNames(keysWanted || search.keys !== undefined);
  const page = useQuery(logQuery(search));
  // A page further on begins at its top; a request that is opened leaves the list where it is.
  const go = (to: LogSearch, replace = false) =>
    void navigate({ to: '/logs', search: to, replace, resetScroll: to.after !== search.after });
  const requests = page.data?.data ?? [];
  const next = page.data?.next_cursor ?? null;
  const step = (by: 1 | -1) => (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return;
    const place = requests.findIndex(({ id }) => id === search.request);
    const other = requests[place + by];
    if (place >= 0 && other !== undefined) go({ ...search, request: other.id }, true);
  };
  useHotkey('j', step(1), search.request !== undefined);
  useHotkey('k', step(-1), search.request !== undefined);
  return (
    <Page
      title="Logs"
      description="Every request that was counted, the latest first. Open one to see where its time went."
    >
      <LogFilters
        search={search}
        names={names}
        onKeysWanted={() => setKeysWanted(true)}
        onChange={(change) => go({ ...search, after: undefined, request: undefined, ...change }, true)}
      />
      {page.isPending ? (
        <SkeletonRows rows={10} />
      ) : page.isLoadingError ? (
        <ErrorState error={page.error} onRetry={() => void page.refetch()} />
      ) : requests.length === 0 ? (
        <EmptyState
          icon={<LogsIcon className="size-6" />}
          title={isFiltered(search) ? 'No request fits these filters' : 'No request yet'}
          action={
            isFiltered(search) ? (
              <Button onClick={() => go({})}>Show all requests</Button>
            ) : (
              <Link to="/playground" className={buttonClass('primary')}>
                Open the playground
              </Link>
            )
          }
        >
          {!isFiltered(search) &&
            'Ask a model in the playground or with a key; it shows here within seconds.'}
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-3" aria-busy={page.isPlaceholderData}>
          <RequestTable
            requests={requests}
            search={search}
            nameOf={names.nameOf}
            onOpen={(id) => go({ ...search, request: id })}
          />
          <nav aria-label="Pages of the log" className="flex items-center justify-between gap-2">
            <Button
              size="small"
              variant="quiet"
              disabled={search.after === undefined}
              onClick={() => go({ ...search, after: undefined, request: undefined })}
            >
              Latest
            </Button>
            <div className="flex gap-2">
              <Button
                size="small"
                disabled={search.after === undefined}
                onClick={() => router.history.back()}
              >
                <ChevronLeftIcon className="size-3.5" />
                Newer
              </Button>
              <Button
                size="small"
                disabled={next === null || page.isPlaceholderData}
                onClick={() => go({ ...search, after: next ?? undefined, request: undefined })}
              >
                Older
                <ChevronRightIcon className="size-3.5" />
              </Button>
            </div>
          </nav>
        </div>
      )}
      {search.request !== undefined && (
        <RequestDrawer
          id={search.request}
          nameOf={names.nameOf}
          onClose={() => go({ ...search, request: undefined }, true)}
        />
      )}
    </Page>
  );
}
