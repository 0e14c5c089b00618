import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Limit, limitsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { BudgetMeters } from '../../limits/budget-meters.tsx';
import { describeLimits, formatBudget } from '../../limits/describe.ts';
import { LimitsDialog } from '../../limits/dialog.tsx';
import { Permitted } from '../../shell/permitted.tsx';
import { Button } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';

/** Rates and budgets of the organization, its projects and those keys that have some. */
export default function LimitsPage() {
  return (
    <Permitted needs={['limits.read']} what="limits">
      <Limits />
    </Permitted>
  );
}

const sections = [
  { kind: 'organization', title: 'Organization', hint: 'Holds for everything together.' },
  { kind: 'project', title: 'Projects', hint: null },
  {
    kind: 'key',
    title: 'Keys with limits of their own',
    hint: 'None yet: a key without limits has those of its project.',
  },
] as const;

function Limits() {
  const { can } = useMe();
  const limits = useQuery(limitsQuery());
  const [open, setOpen] = useState<Limit | null>(null);
  const projectNames = new Map(
    (limits.data ?? []).filter(({ kind }) => kind === 'project').map(({ id, name }) => [id, name]),
  );
  return (
    <Page
      title="Limits and budgets"
      description="A request has to be within the limits of its key, its project and the organization. What would exceed a budget is refused before it costs anything."
    >
      {limits.isPending ? (
        <SkeletonRows rows={6} />
      ) : limits.isLoadingError ? (
        <ErrorState error={limits.error} onRetry={() => void limits.refetch()} />
      ) : (
        sections.map(({ kind, title, hint }) => {
          const of = limits.data
            .filter((limit) => limit.kind === kind && (kind !== 'key' || describeLimits(limit).length > 0))
            .toSorted((one, other) => one.name.localeCompare(other.name));
          // A member sees the projects they are in, and not the organization.
          if (of.length === 0 && kind !== 'key') return null;
          return (
            <section key={kind} className="flex flex-col gap-2">
              <h2 className="text-sm font-semibold">{title}</h2>
              {of.length === 0 ? (
                <p className="text-sm text-muted">
                  {hint}{' '}
                  {kind === 'key' && can['api_keys.read'] === true && (
                    <Link to="/keys" className="text-accent underline underline-offset-2">
                      Set them under Keys
                    </Link>
                  )}
                </p>
              ) : (
                <ul className="divide-y divide-line rounded-xl border bg-surface">
                  {of.map((limit) => (
                    <Row
                      key={limit.id}
                      limit={limit}
                      projectName={kind === 'key' ? projectNames.get(limit.project_id ?? '') : undefined}
                      onChange={can['limits.manage'] === true ? () => setOpen(limit) : null}
                    />
                  ))}
                </ul>
              )}
            </section>
          );
        })
      )}
      {open && <LimitsDialog subject={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

interface RowProps {
  limit: Limit;
  projectName: string | undefined;
  onChange: (() => void) | null;
}

function Row({ limit, projectName, onChange }: RowProps) {
  const phrases = describeLimits(limit);
  const budgeted = limit.usd_per_day !== null || limit.usd_per_month !== null;
  return (
    <li className="grid grid-cols-[1fr_auto] items-start gap-x-4 gap-y-3 px-4 py-3 sm:grid-cols-[1fr_16rem_auto] sm:items-center">
      <div className="min-w-0">
        <p className="text-sm font-medium wrap-anywhere">
          {limit.name}
          {projectName !== undefined && <span className="font-normal text-muted"> in {projectName}</span>}
        </p>
        <p className="text-sm text-muted">{phrases.length === 0 ? 'No limits' : phrases.join(' · ')}</p>
      </div>
      <div className="col-span-2 row-start-2 flex flex-col gap-2 sm:col-span-1 sm:row-start-auto">
        {budgeted ? (
          <BudgetMeters limit={limit} />
        ) : (
          <p className="text-xs text-muted tabular">
            {formatBudget(limit.spent.month_usd)} this month, {formatBudget(limit.spent.day_usd)} today
          </p>
        )}
      </div>
      {onChange && (
        <Button
          size="small"
          className="col-start-2 row-start-1 sm:col-start-auto sm:row-start-auto"
          aria-label={`Change limits of ${limit.name}`}
          onClick={onChange}
        >
          Change
        </Button>
      )}
    </li>
  );
}
