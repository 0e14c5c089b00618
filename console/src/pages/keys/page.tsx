import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { type ApiKey, keysQuery, type Limit, limitsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { LimitsDialog } from '../../limits/dialog.tsx';
import { useCommands } from '../../shell/commands.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { useProject } from '../../shell/project-switcher.tsx';
import { Button } from '../../ui/button.tsx';
import { KeyIcon, PlusIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';
import { MakeKeyDialog } from './make-key-dialog.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import { KeyTable } from './table.tsx';

type Task = { kind: 'make'; name?: string } | { kind: 'limits' | 'revoke'; key: ApiKey };

/** The keys of a project: made, limited, revoked. */
export default function KeysPage() {
  return (
    <Permitted needs={['api_keys.read']} what="keys">
      <KeysHere />
    </Permitted>
  );
}

function KeysHere() {
  const { can } = useMe();
  const project = useProject();
  const [task, setTask] = useState<Task | null>(null);
  const manages = can['api_keys.manage'] === true && project !== undefined;
  const close = () => setTask(null);
  useCommands(
    'keys',
    useMemo(
      () =>
        manages
          ? [
              {
                id: 'make-key',
                label: 'Make a key',
                group: 'Keys',
                icon: <PlusIcon />,
                run: () => setTask({ kind: 'make' }),
              },
            ]
          : [],
      [manages],
    ),
  );
  return (
    <Page
      title="Keys"
      description={
        project && (
          <>
            Programs ask models with a key. These belong to{' '}
            <strong className="font-medium text-ink">{project.name}</strong> and see nothing of other
            projects.
          </>
        )
      }
      actions={
        manages && (
          <Button variant="primary" onClick={() => setTask({ kind: 'make' })}>
            <PlusIcon />
            Make a key
          </Button>
        )
      }
    >
      {project === undefined ? (
        <EmptyState icon={<KeyIcon className="size-6" />} title="You are in no project yet">
          Keys belong to a project. Ask an owner to add you to one.
        </EmptyState>
      ) : (
        <Keys
          projectId={project.id}
          onMake={manages ? (name) => setTask({ kind: 'make', ...(name !== undefined && { name }) }) : null}
          onLimits={can['limits.manage'] === true ? (key) => setTask({ kind: 'limits', key }) : null}
          onRevoke={manages ? (key) => setTask({ kind: 'revoke', key }) : null}
        />
      )}
      {project && task?.kind === 'make' && (
        <MakeKeyDialog
          project={project}
          {...(task.name !== undefined && { suggestedName: task.name })}
          onClose={close}
        />
      )}
      {project && task?.kind === 'revoke' && (
        <RevokeKeyDialog projectId={project.id} apiKey={task.key} onClose={close} />
      )}
      {task?.kind === 'limits' && (
        <LimitsDialog subject={{ kind: 'key', id: task.key.id, name: task.key.name }} onClose={close} />
      )}
    </Page>
  );
}

interface KeysProps {
  projectId: string;
  /** Each is null for who may not. */
  onMake: ((name?: string) => void) | null;
  onLimits: ((key: ApiKey) => void) | null;
  onRevoke: ((key: ApiKey) => void) | null;
}

function Keys({ projectId, onMake, onLimits, onRevoke }: KeysProps) {
  const { can } = useMe();
  const switchId = useId();
  const [revoked, setRevoked] = useState(false);
  const keys = useQuery({ ...keysQuery(projectId, { revoked }), placeholderData: keepPreviousData });
  const limits = useQuery({ ...limitsQuery(projectId), enabled: can['limits.read'] === true });
  const limitOf = useMemo(
    () => new Map<string, Limit>((limits.data ?? []).map((limit) => [limit.id, limit])),
    [limits.data],
  );
  if (keys.isLoadingError) return <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />;
  if (keys.isPending) return <SkeletonRows rows={4} />;
  const shownTooRevoked = (
    <div className="flex min-h-6 items-center gap-2.5 text-sm text-muted">
      <Switch id={switchId} checked={revoked} onChange={setRevoked} />
      <label htmlFor={switchId}>Show revoked keys</label>
    </div>
  );
  if (keys.data.length === 0)
    return (
      <>
        <EmptyState
          icon={<KeyIcon className="size-6" />}
          title="No key yet"
          action={
            onMake && (
              <Button variant="primary" onClick={() => onMake()}>
                Make a key
              </Button>
            )
          }
        >
          With a key, any OpenAI client asks the models of this server. You get it with a command that works
          at once.
        </EmptyState>
        {shownTooRevoked}
      </>
    );
  return (
    <>
      <KeyTable
        keys={keys.data}
        limitOf={limitOf}
        onLimits={onLimits}
        onRevoke={onRevoke}
        onReplace={onMake}
      />
      {shownTooRevoked}
    </>
  );
}
