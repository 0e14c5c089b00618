import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Table } from '../../ui/table.tsx';
import { Ago, formatExactTime, isPast } from '../../ui/time.tsx';
import type { AdminKey } from '../../api/organization.ts';

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });

/** Admin keys, with how long each still works. */
export function AdminKeyTable({
  keys,
  onRevoke,
}: {
  keys: readonly AdminKey[];
  onRevoke: (key: AdminKey) => void;
}) {
  return (
    <Table
      label="Admin keys"
      rows={keys}
      keyOf={({ id }) => id}
      columns={[
        {
          title: 'Name',
          cell: ({ name, redacted_value: start, last_used_at: last, expires_at: end }) => (
            <>
              <span className="font-medium break-words">{name}</span>
              {/* What has no column of its own on a narrow screen. */}
              <span className="block text-xs text-muted sm:hidden">
                <Start text={start} />
                <span className="block">
                  {last === null ? (
                    'Never used'
                  ) : (
                    <>
                      Used <Ago seconds={last} />
                    </>
                  )}
                  {' · '}
                  {end === null ? (
                    'no end'
                  ) : (
                    <>
                      until <End seconds={end} />
                    </>
                  )}
                </span>
              </span>
            </>
          ),
        },
        {
          title: 'Key',
          className: 'hidden sm:table-cell',
          cell: ({ redacted_value: start }) => <Start text={start} />,
        },
        {
          title: 'Last used',
          className: 'hidden sm:table-cell',
          cell: ({ last_used_at: last }) =>
            last === null ? <span className="text-muted">Never</span> : <Ago seconds={last} />,
        },
        {
          title: 'Made',
          className: 'hidden text-muted md:table-cell',
          cell: ({ created_at: made }) => <Ago seconds={made} />,
        },
        {
          title: 'Works until',
          className: 'hidden sm:table-cell',
          cell: ({ expires_at: end }) => <End seconds={end} />,
        },
        {
          title: 'Actions',
          titleHidden: true,
          className: 'text-right',
          cell: (key) => (
            <Button
              size="small"
              variant="danger"
              aria-label={`Revoke ${key.name}`}
              onClick={() => onRevoke(key)}
            >
              Revoke
            </Button>
          ),
        },
      ]}
    />
  );
}

function Start({ text }: { text: string }) {
  return <code className="font-mono text-xs whitespace-nowrap text-muted">{text.replace('...', '…')}</code>;
}

function End({ seconds }: { seconds: number | null }) {
  if (seconds === null) return <span className="text-muted">No end</span>;
  if (isPast(seconds)) return <Badge tone="warning">Expired</Badge>;
  return (
    <time
      dateTime={new Date(seconds * 1000).toISOString()}
      title={formatExactTime(seconds)}
      className="whitespace-nowrap"
    >
      {day.format(seconds * 1000)}
    </time>
  );
}
