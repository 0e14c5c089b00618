import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { limitsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { BudgetMeters } from '../../limits/budget-meters.tsx';

/** The budgets that are nearest to their end; nothing where there is none. */
export function Budgets() {
  const { can } = useMe();
  const limits = useQuery({ ...limitsQuery(), enabled: can['limits.read'] === true });
  const used = (spent: string, budget: string | null) =>
    budget === null ? 0 : Number(budget) === 0 ? 1 : Number(spent) / Number(budget);
  const budgeted = (limits.data ?? [])
    .filter(({ usd_per_day: day, usd_per_month: month }) => day !== null || month !== null)
    .map((limit) => ({
      limit,
      share: Math.max(
        used(limit.spent.day_usd, limit.usd_per_day),
        used(limit.spent.month_usd, limit.usd_per_month),
      ),
    }))
    .toSorted((one, other) => other.share - one.share)
    .slice(0, 4);
  if (budgeted.length === 0) return null;
  return (
    <section aria-label="Budgets" className="flex flex-col gap-2">
      <div className="flex items-baseline justify-between">
        <h2 className="text-sm font-semibold">Budgets</h2>
        <Link to="/limits" className="text-xs text-accent hover:underline">
          All limits
        </Link>
      </div>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {budgeted.map(({ limit }) => (
          <li key={limit.id} className="flex flex-col gap-2 rounded-xl border bg-surface px-4 py-3">
            <p className="flex items-baseline justify-between gap-2 text-sm">
              <span className="truncate font-medium">{limit.name}</span>
              <span className="text-xs text-muted">{limit.kind}</span>
            </p>
            <BudgetMeters limit={limit} />
          </li>
        ))}
      </ul>
    </section>
  );
}
