import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

export interface Column<Row> {
  /** Also its key. */
  title: string;
  /** The title is for screen readers only. */
  titleHidden?: boolean;
  /** Stands in the title's place, and says the same. */
  heading?: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers stand right, in digits of one width. */
  numeric?: boolean;
  className?: string;
}

export interface TableProps<Row> {
  /** What it lists, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Makes rows clickable; put a link or button in a cell too, for the keyboard. */
  onRowClick?: (row: Row) => void;
  /** The row that is looked at. */
  isMarked?: (row: Row) => boolean;
}

/** Rows of one kind; scrolls sideways inside itself on a narrow screen. */
export function Table<Row>({ label, columns, rows, keyOf, onRowClick, isMarked }: TableProps<Row>) {
  return (
    <section
      aria-label={label}
      // What scrolls has to take the focus, or the keyboard could not scroll it.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="overflow-x-auto rounded-xl border bg-surface"
    >
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b text-left text-xs text-muted">
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                className={cx(
                  'px-2.5 py-2 font-medium whitespace-nowrap sm:px-3',
                  column.numeric === true && 'text-right',
                  column.className,
                )}
              >
                {column.titleHidden === true ? (
                  <span className="sr-only">{column.title}</span>
                ) : (
                  (column.heading ?? column.title)
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              className={cx(
                'border-b last:border-b-0 hover:bg-hover/60',
                onRowClick && 'cursor-pointer',
                isMarked?.(row) === true && 'bg-hover',
              )}
              {...(onRowClick ? { onClick: () => onRowClick(row) } : {})}
            >
              {columns.map((column) => (
                <td
                  key={column.title}
                  className={cx(
                    'px-2.5 py-2 align-middle sm:px-3',
                    column.numeric === true && 'text-right whitespace-nowrap tabular',
                    column.className,
                  )}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
