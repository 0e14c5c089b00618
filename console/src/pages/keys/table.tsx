import { useMemo, useState } from 'react';
import type { ApiKey, Limit } from '../../api/organization.ts';
import { BudgetMeters } from '../../limits/budget-meters.tsx';
import { describeLimits } from '../../limits/describe.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/class-names.ts';
import { LimitsIcon, MoreIcon, TrashIcon } from '../../ui/icons.tsx';
import { Input } from '../../ui/input.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Table } from '../../ui/table.tsx';
import { Ago } from '../../ui/time.tsx';

export interface KeyTableProps {
  keys: readonly ApiKey[];
  limitOf: ReadonlyMap<string, Limit>;
  onLimits: ((key: ApiKey) => void) | null;
  onRevoke: ((key: ApiKey) => void) | null;
  /** Makes a key with the name of a revoked one. */
  onReplace: ((name: string) => void) | null;
}

/** Up to so many are shown at once. */
const step = 100;

/** Keys, the latest first and those that were revoked last; to search where they are many. */
export function KeyTable({ keys, limitOf, onLimits, onRevoke, onReplace }: KeyTableProps) {
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState(step);
  const found = useMemo(() => {
    const words = typed.trim().toLowerCase();
    return keys
      .filter(({ name, redacted_value: start }) => `${name} ${start}`.toLowerCase().includes(words))
      .toReversed()
      .toSorted((one, other) => Number(one.revoked_at !== null) - Number(other.revoked_at !== null));
  }, [keys, typed]);
  return (
    <div className="flex flex-col gap-3">
      {keys.length > 8 && (
        <Input
          type="search"
          aria-label="Find a key"
          placeholder={`Find one of ${keys.length} keys`}
          className="sm:max-w-72"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setShown(step);
          }}
        />
      )}
      {found.length === 0 ? (
        <p role="status" className="py-8 text-center text-sm text-muted">
          No key is called that.
        </p>
      ) : (
        <Table
          label="Keys"
          rows={found.slice(0, shown)}
          keyOf={({ id }) => id}
          columns={[
            {
              title: 'Name',
              cell: ({ id, name, redacted_value: start, revoked_at: revoked }) => (
                <>
                  <span className="flex flex-wrap items-center gap-x-2">
                    <span className={cx('break-words', revoked === null ? 'font-medium' : 'text-muted')}>
                      {name}
                    </span>
                    {revoked !== null && <Badge tone="warning">Revoked</Badge>}
                  </span>
                  {/* What has no column of its own on a narrow screen. */}
                  <span className="block font-mono text-xs text-muted sm:hidden">
                    {start.replace('...', '…')}
                  </span>
                  <span className="block text-xs text-muted lg:hidden">
                    {revoked === null && phrasesOf(limitOf.get(id)).join(' · ')}
                  </span>
                </>
              ),
            },
            {
              title: 'Key',
              className: 'hidden sm:table-cell',
              cell: ({ redacted_value: start }) => (
                <code className="font-mono text-xs whitespace-nowrap text-muted">
                  {start.replace('...', '…')}
                </code>
              ),
            },
            {
              title: 'Last used',
              cell: ({ last_used_at: last }) =>
                last === null ? <span className="text-muted">Never</span> : <Ago seconds={last} />,
            },
            {
              title: 'Made',
              cell: ({ created_at: made }) => <Ago seconds={made} />,
              className: 'hidden text-muted md:table-cell',
            },
            {
              title: 'Limits',
              className: 'hidden lg:table-cell',
              cell: ({ id, revoked_at: revoked }) =>
                revoked === null ? (
                  <Limits limit={limitOf.get(id)} />
                ) : (
                  <span className="text-muted">
                    Refused since <Ago seconds={revoked} />
                  </span>
                ),
            },
            ...(onLimits || onRevoke
              ? [
                  {
                    title: 'Actions',
                    titleHidden: true,
                    className: 'text-right',
                    cell: (key: ApiKey) =>
                      key.revoked_at === null ? (
                        <Actions apiKey={key} onLimits={onLimits} onRevoke={onRevoke} />
                      ) : (
                        onReplace && (
                          <Button
                            size="small"
                            aria-label={`Make another key ${key.name}`}
                            onClick={() => onReplace(key.name)}
                          >
                            Make another
                          </Button>
                        )
                      ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {found.length > shown && (
        <Button className="self-center" onClick={() => setShown(shown + step)}>
          Show {Math.min(step, found.length - shown)} more
        </Button>
      )}
    </div>
  );
}

function phrasesOf(limit: Limit | undefined): string[] {
  return limit === undefined ? [] : describeLimits(limit);
}

function Limits({ limit }: { limit: Limit | undefined }) {
  const phrases = phrasesOf(limit);
  if (limit === undefined || phrases.length === 0)
    return <span className="whitespace-nowrap text-muted">Those of the project</span>;
  return (
    <div className="flex max-w-80 min-w-52 flex-col gap-1.5">
      <span>{phrases.join(' · ')}</span>
      <BudgetMeters limit={limit} />
    </div>
  );
}

function Actions({
  apiKey,
  onLimits,
  onRevoke,
}: Pick<KeyTableProps, 'onLimits' | 'onRevoke'> & { apiKey: ApiKey }) {
  return (
    <Menu
      trigger={
        <IconButton size="small" label={`Actions for ${apiKey.name}`}>
          <MoreIcon />
        </IconButton>
      }
    >
      {onLimits && (
        <MenuItem icon={<LimitsIcon />} onClick={() => onLimits(apiKey)}>
          Limits and budget
        </MenuItem>
      )}
      {onRevoke && (
        <MenuItem icon={<TrashIcon />} danger onClick={() => onRevoke(apiKey)}>
          Revoke
        </MenuItem>
      )}
    </Menu>
  );
}
