import { Link } from '@tanstack/react-router';
import { memo, useState } from 'react';
import { formatCount, formatUsd } from '../../answers/format.ts';
import { useMe } from '../../api/session.ts';
import { Button } from '../../ui/button.tsx';
import { Table } from '../../ui/table.tsx';
import type { Dimension } from './search.ts';
import { measured, type PeriodUsage } from './sums.ts';

export interface UsageTableProps {
  usage: PeriodUsage;
  /** Groups in the order of the chart's colours. */
  coloured: readonly string[];
  /** Whether there are groups that were not read, and whether they are being read. */
  hasMore: boolean;
  readingMore: boolean;
  onMore: () => unknown;
}

const step = 50;
const titles = { model: 'Model', key: 'Key', project: 'Project' };
const plurals = { model: 'models', key: 'keys', project: 'projects' };

/** The address of what a group is the sum of; of all time where the log knows no such period. */
function requestsOf(by: Dimension, group: string, days: number) {
  const hours = ([168, 720] as const).find((each) => each === days * 24);
  return { [`${by}s`]: [group], ...(hours !== undefined && { hours }) };
}

/** What each group used in the whole period, the largest first. Its links take a moment to draw, so that it is drawn when it changes alone. */
export const UsageTable = memo(function UsageTable({
  usage,
  coloured,
  hasMore,
  readingMore,
  onMore,
}: UsageTableProps) {
  const { can } = useMe();
  const { by, measure, groups, groupCount, days } = usage;
  const whole = measured(usage.total, measure);
  const [shown, setShown] = useState(step);
  const showMore = () => {
    setShown(shown + step);
    if (hasMore && shown + step > groups.length) void onMore();
  };
  return (
    <div className="flex flex-col gap-3">
      <Table
        label={`Usage by ${by}`}
        rows={groups.slice(0, shown)}
        keyOf={({ id }) => id}
        columns={[
          {
            title: titles[by],
            cell: ({ id, name }) => {
              const place = coloured.indexOf(id);
              return (
                <span className="flex items-center gap-2">
                  <span
                    className="size-2 shrink-0 rounded-sm bg-line-strong"
                    style={place < 0 ? {} : { background: `var(--series-${place + 1})` }}
                    aria-hidden="true"
                  />
                  {can['requests.read'] === true ? (
                    <Link
                      to="/logs"
                      search={requestsOf(by, id, days.length)}
                      title="See its requests"
                      className="font-medium whitespace-nowrap hover:text-accent hover:underline"
                    >
                      {name}
                    </Link>
                  ) : (
                    <span className="font-medium whitespace-nowrap">{name}</span>
                  )}
                </span>
              );
            },
          },
          { title: 'Requests', numeric: true, cell: ({ totals }) => formatCount(totals.requests) },
          { title: 'Tokens in', numeric: true, cell: ({ totals }) => formatCount(totals.inputTokens) },
          { title: 'Cached', numeric: true, cell: ({ totals }) => formatCount(totals.cachedTokens) },
          { title: 'Tokens out', numeric: true, cell: ({ totals }) => formatCount(totals.outputTokens) },
          { title: 'Price', numeric: true, cell: ({ totals }) => formatUsd(totals.cost) },
          { title: 'Measured cost', numeric: true, cell: ({ totals }) => formatUsd(totals.machine) },
          {
            title: 'Share',
            numeric: true,
            cell: ({ totals }) =>
              whole === 0 ? '–' : `${Math.round((measured(totals, measure) / whole) * 100)}%`,
          },
        ]}
      />
      {Math.min(shown, groups.length) < groupCount && (
        <div className="flex items-center justify-center gap-3">
          <span className="text-xs text-muted tabular">
            {Math.min(shown, groups.length)} of {formatCount(groupCount)} {plurals[by]}
          </span>
          <Button busy={readingMore} onClick={showMore}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
});
