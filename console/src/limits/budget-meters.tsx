import type { Limit } from '../api/organization.ts';
import { Meter } from '../ui/meter.tsx';
import { formatBudget } from './describe.ts';

/** What is spent of the budgets of a day and a month; nothing where there is no budget. */
export function BudgetMeters({ limit }: { limit: Limit }) {
  const budgets = [
    ['Today (UTC)', limit.spent.day_usd, limit.usd_per_day],
    ['This month', limit.spent.month_usd, limit.usd_per_month],
  ] as const;
  return budgets.map(
    ([label, spent, budget]) =>
      budget !== null && (
        <Meter
          key={label}
          label={label}
          text={`${formatBudget(spent)} of ${formatBudget(budget)}`}
          share={Number(budget) === 0 ? 1 : Number(spent) / Number(budget)}
        />
      ),
  );
}
