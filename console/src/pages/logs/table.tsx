import { Link } from '@tanstack/react-router';
import { formatCount, formatDuration, formatUsd } from '../../answers/format.ts';
import { Table } from '../../ui/table.tsx';
import { formatExactTime } from '../../ui/time.tsx';
import type { LoggedRequest } from './queries.ts';
import type { LogSearch } from './search.ts';
import { RequestStatus } from './status.tsx';
import { TimingBar, TimingLegend } from './waterfall.tsx';

export interface RequestTableProps {
  requests: readonly LoggedRequest[];
  search: LogSearch;
  nameOf: (id: string) => string;
  onOpen: (id: string) => void;
}

const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

/** The browser's zone, in which times are told: "UTC", "GMT+2". */
const zone =
  new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts()
    .find(({ type }) => type === 'timeZoneName')?.value ?? 'local';

/** "15:04:05", with the day before it when that is not today. */
function clockTime(ms: number): string {
  const date = day.format(ms);
  return date === day.format(Date.now()) ? clock.format(ms) : `${date}, ${clock.format(ms)}`;
}

/** A page of requests; the address of each is a link. */
export function RequestTable({ requests, search, nameOf, onOpen }: RequestTableProps) {
  const longestMs = Math.max(...requests.map(({ timing }) => timing.duration_ms));
  return (
    <Table
      label="Requests"
      rows={requests}
      keyOf={({ id }) => id}
      onRowClick={({ id }) => onOpen(id)}
      isMarked={({ id }) => id === search.request}
      columns={[
        {
          title: `Time (${zone})`,
          cell: ({ id, started_at_ms: started, model_requested: model }) => (
            <>
              <Link
                to="/logs"
                search={{ ...search, request: id }}
                resetScroll={false}
                onClick={(event) => event.stopPropagation()}
                title={formatExactTime(started / 1000)}
                className="whitespace-nowrap tabular hover:text-accent hover:underline"
              >
                {clockTime(started)}
              </Link>
              <span className="block max-w-36 truncate text-xs text-muted sm:hidden">{model}</span>
            </>
          ),
        },
        { title: 'Status', cell: ({ status }) => <RequestStatus status={status} /> },
        {
          title: 'Model',
          className: 'hidden sm:table-cell',
          cell: ({ model_requested: model }) => <span className="block max-w-44 truncate">{model}</span>,
        },
        {
          title: 'Key',
          className: 'hidden md:table-cell',
          cell: ({ api_key_id: key, api_key_name: name }) => (
            <span className="block max-w-36 truncate">{name ?? nameOf(key)}</span>
          ),
        },
        {
          title: 'Tokens in',
          numeric: true,
          className: 'hidden lg:table-cell',
          cell: ({ usage }) => formatCount(usage.prompt_tokens),
        },
        {
          title: 'Tokens out',
          numeric: true,
          className: 'hidden lg:table-cell',
          cell: ({ usage }) => formatCount(usage.completion_tokens),
        },
        {
          title: 'Queue, first token, generation',
          heading: <TimingLegend />,
          className: 'hidden lg:table-cell',
          cell: ({ timing }) => <TimingBar timing={timing} longestMs={longestMs} />,
        },
        { title: 'Took', numeric: true, cell: ({ timing }) => formatDuration(timing.duration_ms) },
        {
          title: 'Price',
          numeric: true,
          className: 'hidden sm:table-cell',
          cell: ({ cost }) => formatUsd(Number(cost.tokens_usd)),
        },
      ]}
    />
  );
}
