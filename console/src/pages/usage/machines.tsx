import { formatUsd } from '../../answers/format.ts';
import type { IdleDeployment } from './sums.ts';

export interface MachinesProps {
  /** Dollars that the time of answering cost. */
  answeringUsd: number;
  /** What idle time cost; nothing is shown where there was none, or it is not to be seen. */
  idleUsd: number;
  idle: readonly IdleDeployment[];
}

/** So many deployments are named; the others are summed. */
const mostNamed = 6;

/** What the machines cost in the period: while they answered, and while nobody used them. */
export function Machines({ answeringUsd, idleUsd, idle }: MachinesProps) {
  const whole = answeringUsd + idleUsd;
  if (idleUsd === 0) return null;
  const rest = idle.slice(mostNamed);
  const share = Math.round((idleUsd / whole) * 100);
  return (
    <section aria-labelledby="machines" className="flex flex-col gap-3 rounded-xl border bg-surface p-4">
      <div>
        <h2 id="machines" className="text-sm font-semibold">
          What the machines cost: {formatUsd(whole)}
        </h2>
        <p className="mt-1 max-w-2xl text-sm text-muted">
          A machine costs its price for every hour that it is up. The time of answering is the requests’
          measured cost. The rest, {share}%, is idle time, which no model, key or project is charged for.
        </p>
      </div>
      <div className="flex h-2.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <span className="bg-(--series-1)" style={{ width: `${(answeringUsd / whole) * 100}%` }} />
        <span className="bg-(--series-2)" style={{ width: `${(idleUsd / whole) * 100}%` }} />
      </div>
      <dl className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-2">
        <Part colour="bg-(--series-1)" label="Answering (measured cost)" usd={answeringUsd} />
        <Part colour="bg-(--series-2)" label="Idle: up, and nobody asked" usd={idleUsd} />
      </dl>
      {idle.length > 1 && (
        <dl
          aria-label="Idle by deployment"
          className="grid gap-x-8 gap-y-1.5 border-t pt-3 text-xs sm:grid-cols-2"
        >
          {idle.slice(0, mostNamed).map(({ deployment, usd }) => (
            <IdleOf key={deployment} name={deployment} usd={usd} />
          ))}
          {rest.length > 0 && (
            <IdleOf name={`${rest.length} others`} usd={rest.reduce((sum, { usd }) => sum + usd, 0)} />
          )}
        </dl>
      )}
    </section>
  );
}

function Part({ colour, label, usd }: { colour: string; label: string; usd: number }) {
  return (
    <div className="flex items-center gap-2">
      <dt className="flex min-w-0 flex-1 items-center gap-2">
        <span className={`size-2 shrink-0 rounded-sm ${colour}`} aria-hidden="true" />
        {label}
      </dt>
      <dd className="tabular">{formatUsd(usd)}</dd>
    </div>
  );
}

function IdleOf({ name, usd }: { name: string; usd: number }) {
  return (
    <div className="flex justify-between gap-3">
      <dt className="min-w-0 break-all text-muted">{name}</dt>
      <dd className="tabular">{formatUsd(usd)}</dd>
    </div>
  );
}
