import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useNames } from '../../api/names.ts';
import { adminKeysQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { Button } from '../../ui/button.tsx';
import { FilterMenu } from '../../ui/filter-menu.tsx';
import { AuditIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Ago } from '../../ui/time.tsx';
import { type AuditLog, auditQuery } from './queries.ts';
import { actOf, actorIdOf, actorWords, actWords, changesOf, isOfItsProject, subjectOf } from './words.ts';

/** Who administered what, and when. Nothing here can be changed. */
export default function AuditPage() {
  return (
    <Permitted needs={['audit_logs.read']} what="the audit log">
      <Audit />
    </Permitted>
  );
}

const kinds = Object.entries(actWords).map(([value, label]) => ({ value, label }));

function Audit() {
  const { types = [], projects = [] } = useSearch({ from: '/shell/audit' });
  const navigate = useNavigate();
  const { can } = useMe();
  const names = useNames(true);
  const adminKeys = useQuery({ ...adminKeysQuery, enabled: can['admin_keys.manage'] === true });
  const acts = useInfiniteQuery(auditQuery(types, projects));
  const filtered = types.length > 0 || projects.length > 0;
  const go = (search: { types?: string[]; projects?: string[] }) =>
    void navigate({
      to: '/audit',
      search: Object.fromEntries(
        Object.entries({ types, projects, ...search }).filter(([, list]) => list.length > 0),
      ),
      replace: true,
      resetScroll: false,
    });
  const who = (log: AuditLog) => {
    const id = actorIdOf(log);
    const adminKey = adminKeys.data?.find((key) => key.id === id);
    return adminKey ? `${adminKey.name}, an admin key` : (actorWords(id) ?? names.nameOf(id));
  };
  const all = acts.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <Page title="Audit log" description="Who administered what, and when. It can’t be changed.">
      <div className="flex flex-wrap gap-2">
        <FilterMenu
          label="Act"
          plural="acts"
          options={kinds}
          chosen={types}
          onChange={(list) => go({ types: list })}
        />
        <FilterMenu
          label="Project"
          plural="projects"
          options={names.projects}
          chosen={projects}
          onChange={(list) => go({ projects: list })}
        />
      </div>
      {acts.isPending ? (
        <SkeletonRows rows={8} />
      ) : acts.isLoadingError ? (
        <ErrorState error={acts.error} onRetry={() => void acts.refetch()} />
      ) : all.length === 0 ? (
        <EmptyState
          icon={<AuditIcon className="size-6" />}
          title={filtered ? 'No act fits these filters' : 'Nothing was administered yet'}
          action={filtered && <Button onClick={() => go({ types: [], projects: [] })}>Show all acts</Button>}
        >
          {filtered ? undefined : 'Changes to keys, projects, members, limits and engines show here.'}
        </EmptyState>
      ) : (
        <>
          <Table
            label="Acts"
            rows={all}
            keyOf={({ id }) => id}
            columns={[
              { title: 'When', className: 'align-top', cell: (log) => <Ago seconds={log.effective_at} /> },
              {
                title: 'Who',
                className: 'hidden align-top sm:table-cell',
                cell: who,
              },
              {
                title: 'What',
                className: 'align-top wrap-anywhere',
                cell: (log) => (
                  <>
                    <span className="font-medium">{actOf(log)}</span>
                    <Scope log={log} subject={subjectOf(log, names.knownName)} />
                    <span className="block text-xs text-muted sm:hidden">{who(log)}</span>
                    <Changes log={log} />
                  </>
                ),
              },
            ]}
          />
          {acts.hasNextPage && (
            <Button
              className="self-center"
              busy={acts.isFetchingNextPage}
              onClick={() => void acts.fetchNextPage()}
            >
              Show older
            </Button>
          )}
        </>
      )}
    </Page>
  );
}

function Scope({ log, subject }: { log: AuditLog; subject: string | null }) {
  return (
    <>
      {subject !== null && (
        <>
          {' '}
          of <span className="font-medium">{subject}</span>
        </>
      )}
      {log.project &&
        (isOfItsProject(log) ? (
          <span className="font-medium"> {log.project.name}</span>
        ) : (
          <span className="text-muted"> in {log.project.name}</span>
        ))}
    </>
  );
}

function Changes({ log }: { log: AuditLog }) {
  const lines = changesOf(log);
  if (lines.length === 0) return null;
  return (
    <ul className="mt-0.5 max-w-xl text-xs text-muted">
      {lines.slice(0, 8).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
