import { Link } from '@tanstack/react-router';
import { formatDuration, formatRate, formatUsd } from '../../answers/format.ts';
import { handOver } from '../../answers/playground-handoff.ts';
import { lazyPart } from '../../lazy-part.tsx';
import { Badge } from '../../ui/badge.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { Skeleton } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import type { Result } from './comparison.ts';
import { standingsOf } from './standings.ts';
import { frontierOf, scaleOf, verdictOf, type Standing } from './verdict.ts';
import type { Voting } from './votes.ts';

const CompareChart = lazyPart(
  () => import('./chart.tsx'),
  () => <Skeleton className="h-72" />,
);

/** What a comparison comes to: one sentence, the figures, and the chart once there are votes. */
export function Results({ result, voting }: { result: Result; voting: Voting }) {
  if (!voting.revealed || result.answers.length === 0) return null;
  const tally = voting.votes?.tally;
  const standings = standingsOf(result, tally);
  const verdict = verdictOf(standings, tally ?? { votes: 0, ties: 0, none: 0 });
  const winner = result.contestants.find(({ id }) => id === verdict?.use?.id);
  const scale = scaleOf(standings);
  const frontier = new Set(frontierOf(standings, scale).map(({ id }) => id));
  const votes = tally?.votes ?? 0;
  const drawn = standings.filter(
    ({ costUsd, tokensPerSecond }) => (scale === 'cost' ? costUsd : tokensPerSecond) !== null,
  );
  const alone = result.answers.some(({ measured }) => measured === 'alone');
  return (
    <section aria-labelledby="verdict" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3 rounded-xl border bg-accent-soft px-4 py-3">
        <div className="min-w-0 flex-1 basis-80">
          <h2 id="verdict" className="text-xs font-medium text-accent">
            Which to use
          </h2>
          <p className="mt-0.5 text-base font-medium">{verdict?.sentence}</p>
        </div>
        {winner?.settings.model != null && (
          <Link
            to="/playground"
            search={{ model: winner.settings.model }}
            onClick={() => handOver(winner.settings)}
            className={buttonClass('primary')}
          >
            Open in the playground
          </Link>
        )}
      </div>
      <Table
        label="Contestants"
        columns={columnsOf(votes, frontier)}
        rows={standings}
        keyOf={({ id }) => id}
      />
      <p className="-mt-2 text-xs text-muted">
        Means over answers. Times {alone ? 'each alone' : 'all at once'}; price is of the tokens, measured is
        what the machine cost meanwhile.
      </p>
      {votes > 0 && drawn.length > 0 && (
        <div className="rounded-xl border bg-surface p-3 sm:p-4">
          <h3 className="text-sm font-medium">Quality against {scale}</h3>
          <p className="mb-2 text-xs text-muted">
            Higher is better,{' '}
            {scale === 'cost' ? 'left is cheaper, bigger is faster' : 'right is faster; all cost the same'}.
            The line is the frontier: nobody on it is beaten in both.
            {drawn.length < standings.length && ' Who has no known figure is not drawn.'}
          </p>

          <CompareChart standings={drawn} votes={votes} frontier={frontier} scale={scale} />
        </div>
      )}
    </section>
  );
}

function columnsOf(votes: number, frontier: ReadonlySet<string>): Column<Standing>[] {
  return [
    {
      title: 'Contestant',
      cell: ({ id, name, failures }) => (
        <span className="flex items-center gap-2 whitespace-nowrap">
          <span className="max-w-36 truncate font-medium sm:max-w-64" title={name}>
            {name}
          </span>
          {votes > 0 && frontier.has(id) && <Badge tone="accent">Frontier</Badge>}
          {failures > 0 && <Badge tone="danger">{failures} failed</Badge>}
        </span>
      ),
    },
    { title: 'Votes', numeric: true, cell: ({ best }) => (votes === 0 ? '–' : `${best} of ${votes}`) },
    {
      title: 'First token',
      numeric: true,
      cell: ({ timeToFirstTokenMs: ms }) => (ms === null ? '–' : formatDuration(ms)),
    },
    {
      title: 'Tokens/s',
      numeric: true,
      cell: ({ tokensPerSecond }) => (tokensPerSecond === null ? '–' : formatRate(tokensPerSecond)),
    },
    { title: 'Tokens', numeric: true, cell: ({ tokens }) => (tokens === null ? '–' : Math.round(tokens)) },
    { title: 'Price', numeric: true, cell: ({ costUsd }) => (costUsd === null ? '–' : formatUsd(costUsd)) },
    {
      title: 'Measured',
      numeric: true,
      cell: ({ machineUsd }) => (machineUsd === null ? '–' : formatUsd(machineUsd)),
    },
  ];
}
