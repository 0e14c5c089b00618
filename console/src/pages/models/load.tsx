import { formatDuration, formatRate } from '../../answers/format.ts';
import type { OrganizationModel } from '../../api/organization.ts';

type Load = OrganizationModel['deployments'][number]['load'];

/** What a model's deployments do now, all together. */
export function loadOf(model: OrganizationModel): {
  in_flight: number;
  queued: number;
  tokens_per_second: number;
} {
  const loads = model.deployments.map(({ load }) => load);
  return {
    in_flight: loads.reduce((sum, { in_flight: count }) => sum + count, 0),
    queued: loads.reduce((sum, { queued }) => sum + (queued ?? 0), 0),
    tokens_per_second: loads.reduce((sum, { tokens_per_second: rate }) => sum + rate, 0),
  };
}

/** The load in a line: "2 running · 1 queued · 31.4 tokens/s"; "Idle". */
export function LoadLine({ load }: { load: ReturnType<typeof loadOf> }) {
  const busy = load.in_flight > 0 || load.queued > 0 || load.tokens_per_second > 0;
  return (
    <span className="inline-flex items-center gap-1.5 text-xs whitespace-nowrap text-muted tabular">
      <span className={`size-1.5 rounded-full ${busy ? 'bg-accent' : 'bg-line-strong'}`} aria-hidden="true" />
      {busy
        ? [
            `${load.in_flight} running`,
            load.queued > 0 && `${load.queued} queued`,
            `${formatRate(load.tokens_per_second)} tokens/s`,
          ]
            .filter(Boolean)
            .join(' · ')
        : 'Idle'}
    </span>
  );
}

/** The load of one deployment, figure by figure. */
export function LoadFigures({ load }: { load: Load }) {
  const duration = (ms: number | null) => (ms === null ? '–' : formatDuration(ms));
  const figures = [
    ['Running', String(load.running ?? load.in_flight)],
    ['Queued', load.queued === null ? '–' : String(load.queued)],
    ['Tokens/s', formatRate(load.tokens_per_second)],
    ['Wait', duration(load.queue_ms)],
    ['First token', duration(load.time_to_first_token_ms)],
  ];
  return (
    <dl className="grid grid-cols-3 gap-x-4 gap-y-2 sm:grid-cols-5">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt className="text-xs text-muted">{label}</dt>
          <dd className="text-sm tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
