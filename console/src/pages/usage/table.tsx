import { useState } from 'react';
import { formatCount, formatUsd } from '../../answers/format.ts';
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
}

const step = 50;
const titles = { model: 'Model', key: 'Key', project: 'Project' };

/** What each group used in the whole period, the largest first. */
export function UsageTable({ groups, totals, by, measure, coloured, nameOf }: UsageTableProps) {
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
                  <span className="font-medium whitespace-nowrap">{nameOf(group)}</span>
                </span>
              );
            },
          },
          { title: 'Requests', numeric: true, cell: ({ totals }) => formatCount(totals.requests) },
          { title: 'Input', numeric: true, cell: ({ totals }) => formatCount(totals.inputTokens) },
          { title: 'Cached', numeric: true, cell: ({ totals }) => formatCount(totals.cachedTokens) },
          { title: 'Output', numeric: true, cell: ({ totals }) => formatCount(totals.outputTokens) },
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
