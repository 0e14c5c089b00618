import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { modelsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { useCommands } from '../../shell/commands.ts';
import { Button } from '../../ui/button.tsx';
import { ModelsIcon, PlusIcon } from '../../ui/icons.tsx';
import { Input } from '../../ui/input.tsx';
import { Page } from '../../ui/page.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { ConnectDialog } from './connect-dialog.tsx';
import { ModelDrawer } from './drawer.tsx';
import { ModelRow } from './row.tsx';

/** How often the load is looked at again. */
const refreshMs = 3000;

/** The models of this server: what serves them, how busy they are, and how to get more. */
export default function ModelsPage() {
  const { can } = useMe();
  const manages = can['deployments.manage'] === true;
  const { model: openId } = useSearch({ from: '/shell/models' });
  const navigate = useNavigate();
  // The name of the model that an engine is connected for; empty while it is not chosen.
  const [connecting, setConnecting] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const models = useQuery({ ...modelsQuery, refetchInterval: refreshMs });
  useCommands(
    'models',
    useMemo(
      () =>
        manages
          ? [
              {
                id: 'connect-engine',
                label: 'Connect an engine',
                group: 'Models',
                icon: <PlusIcon />,
                words: 'vllm sglang ollama remote deployment',
                run: () => setConnecting(''),
              },
            ]
          : [],
      [manages],
    ),
  );
  const all = models.data ?? [];
  const found = all.filter(({ id, title }) =>
    `${id} ${title}`.toLowerCase().includes(typed.trim().toLowerCase()),
  );
  const open = openId === undefined ? undefined : all.find(({ id }) => id === openId);
  return (
    <Page
      title="Models"
      description="What can be asked here, what answers, and how busy it is."
      actions={
        manages && (
          <Button onClick={() => setConnecting('')}>
            <PlusIcon />
            Connect an engine
          </Button>
        )
      }
    >
      {all.length > 8 && (
        <Input
          type="search"
          aria-label="Find a model"
          placeholder={`Find one of ${all.length} models`}
          className="sm:max-w-72"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      {models.isPending ? (
        <SkeletonRows rows={6} />
      ) : models.isError && !models.data ? (
        <ErrorState error={models.error} onRetry={() => void models.refetch()} />
      ) : all.length === 0 ? (
        <EmptyState icon={<ModelsIcon className="size-6" />} title="No model yet">
          Connect an engine that serves one, or pull weights on the server with{' '}
          <code className="font-mono">./weai pull</code>.
        </EmptyState>
      ) : found.length === 0 ? (
        <p role="status" className="py-8 text-center text-sm text-muted">
          No model is called that.
        </p>
      ) : (
        <ul className="divide-y divide-line rounded-xl border bg-surface">
          {found.map((model) => (
            <ModelRow
              key={model.id}
              model={model}
              manages={manages}
              onConnect={() => setConnecting(model.id)}
            />
          ))}
        </ul>
      )}
      {connecting !== null && (
        <ConnectDialog models={all} model={connecting} onClose={() => setConnecting(null)} />
      )}
      {open && (
        <ModelDrawer
          model={open}
          manages={manages}
          onConnect={() => setConnecting(open.id)}
          onClose={() => void navigate({ to: '/models', search: {}, resetScroll: false })}
        />
      )}
    </Page>
  );
}
