import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { formatCount, formatUsd } from '../../answers/format.ts';
import { useMe } from '../../api/session.ts';
import { Button } from '../../ui/button.tsx';
import { Table } from '../../ui/table.tsx';
import { type Dimension, type Measure } from './search.ts';
import { type Group, measured, type UsageTotals } from './sums.ts';

export interface UsageTableProps {
  /** The largest first. */
  groups: readonly Group[];
  totals: UsageTotals;
  by: Dimension;
  measure: Measure;
  /** Groups in the order of the chart's colours. */
  coloured: readonly string[];
  nameOf: (group: string) => string;
  /** Days that are summed. */
  days: number;
}

const step = 50;
const titles = { model: 'Model', key: 'Key', project: 'Project' };

/** The address of what a group is the sum of; of all time where the log knows no such period. */
function requestsOf(by: Dimension, group: string, days: number) {
  const hours = ([168, 720] as const).find((each) => each === days * 24);
  return { [`${by}s`]: [group], ...(hours !== undefined && { hours }) };
}

/** What each group used in the whole period, the largest first. */
export function UsageTable({ groups, totals, by, measure, coloured, nameOf, days }: UsageTableProps) {
  const { can } = useMe();
  const [shown, setShown] = useState(step);
  const whole = measured(totals, measure);
  return (
    <div className="flex flex-col gap-3">
      <Table
        label={`Usage by ${by}`}
        rows={groups.slice(0, shown)}
        keyOf={({ group }) => group}
        columns={[
          {
            title: titles[by],
            cell: ({ group }) => {
              const place = coloured.indexOf(group);
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
                      search={requestsOf(by, group, days)}
                      title="See its requests"
                      className="font-medium whitespace-nowrap hover:text-accent hover:underline"
                    >
                      {nameOf(group)}
                    </Link>
                  ) : (
                    <span className="font-medium whitespace-nowrap">{nameOf(group)}</span>
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
      {groups.length > shown && (
        <Button className="self-center" onClick={() => setShown(shown + step)}>
          Show {Math.min(step, groups.length - shown)} more
        </Button>
      )}
    </div>
  );
}
