import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { api, read } from '../../api/client.ts';
import { modelsQuery, type OrganizationModel } from '../../api/organization.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { toast } from '../../ui/toast.tsx';
import { engineNames, formatBytes, formatContext, formatParameters, formatPrice } from './format.ts';
import { Hint } from './hint.tsx';
import { LoadFigures } from './load.tsx';
import { Pull } from './pull.tsx';
import { Capabilities, isAskable } from './row.tsx';
import { DeploymentState, ModelStatus } from './status.tsx';

type Deployment = OrganizationModel['deployments'][number];

export interface ModelDrawerProps {
  model: OrganizationModel;
  manages: boolean;
  /** Connects an engine that serves it. */
  onConnect: () => void;
  onClose: () => void;
}

const origins = {
  weights: 'Weights on this machine',
  declared: 'Declared in weai.yaml',
  connected: 'Connected by hand',
};

/** All that is known of a model, and each of its deployments. */
export function ModelDrawer({ model, manages, onConnect, onClose }: ModelDrawerProps) {
  const [leaving, setLeaving] = useState<Deployment | null>(null);
  return (
    <Drawer
      open
      onClose={onClose}
      title={model.id}
      aside={<ModelStatus model={model} />}
      description={model.title === model.id ? undefined : model.title}
    >
      <div className="flex flex-col gap-6">
        {isAskable(model) && (
          <Link
            to="/playground"
            search={{ model: model.id }}
            className={`${buttonClass('primary', 'small')} self-start`}
          >
            Open in the playground
          </Link>
        )}
        <Facts model={model} />
        <section className="flex flex-col gap-3">
          <h3 className="text-sm font-semibold">What serves it</h3>
          {model.deployments.length === 0 && (
            <p className="text-sm text-muted">
              Nothing yet. {model.hint !== null && <Hint text={model.hint} />}
            </p>
          )}
          <Pull model={model} manages={manages} onConnect={onConnect} />
          {model.deployments.map((deployment) => (
            <article key={deployment.id} className="flex flex-col gap-3 rounded-lg border px-4 py-3">
              <div className="flex items-start justify-between gap-3">
                <div className="min-w-0">
                  <h4 className="font-mono text-xs font-medium break-all">{deployment.id}</h4>
                  <p className="mt-0.5 text-xs text-muted">
                    {origins[deployment.origin]} · {engineNames[deployment.kind]}
                  </p>
                </div>
                <DeploymentState state={deployment.state} />
              </div>
              {deployment.reason !== null && <Reason text={deployment.reason} />}
              {deployment.state === 'restarting' && (
                <p className="text-sm text-muted">
                  It is started again by itself. If it keeps ending,{' '}
                  <code className="font-mono text-xs">./weai doctor</code> on the server checks its memory and
                  weights.
                </p>
              )}
              <LoadFigures load={deployment.load} />
              <dl className="flex flex-col gap-1 text-xs">
                {deployment.url !== null && <Fact label="Address">{deployment.url}</Fact>}
                {deployment.url !== null && <Fact label="Name there">{deployment.upstream_model}</Fact>}
                {deployment.api_key_env !== null && <Fact label="Key in">{deployment.api_key_env}</Fact>}
                {deployment.restarts !== null && deployment.restarts > 0 && (
                  <Fact label="Restarts">{deployment.restarts}</Fact>
                )}
                {Number(deployment.machine_usd_per_hour) > 0 && (
                  <Fact label="Machine">${deployment.machine_usd_per_hour} per hour</Fact>
                )}
              </dl>
              {manages && deployment.origin === 'connected' && (
                <Button
                  variant="danger"
                  size="small"
                  className="self-start"
                  onClick={() => setLeaving(deployment)}
                >
                  Disconnect
                </Button>
              )}
            </article>
          ))}
        </section>
      </div>
      {leaving && <Disconnect deployment={leaving} onClose={() => setLeaving(null)} />}
    </Drawer>
  );
}

const lastWordsMark = '; its last words were:';

/** Why a deployment isn't ready; what its engine printed last, which can be pages of a log, apart. */
function Reason({ text }: { text: string }) {
  const at = text.indexOf(lastWordsMark);
  const what = at < 0 ? text : `${text.slice(0, at)}.`;
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm break-words text-danger">
        {what.charAt(0).toUpperCase()}
        {what.slice(1)}
      </p>
      {at >= 0 && (
        <details className="text-xs">
          <summary className="text-muted">What it printed last</summary>
          <pre
            // What scrolls has to take the focus, or the keyboard could not scroll it.
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
            tabIndex={0}
            className="mt-1.5 max-h-40 overflow-auto rounded-md bg-sunken p-2 font-mono text-2xs break-all whitespace-pre-wrap"
          >
            {text.slice(at + lastWordsMark.length).trim()}
          </pre>
        </details>
      )}
    </div>
  );
}

function Facts({ model }: { model: OrganizationModel }) {
  const { price, weights, licence } = model;
  return (
    <div className="flex flex-col gap-3">
      <Capabilities model={model} />
      <dl className="flex flex-col gap-1.5 text-sm">
        {/* What an operator connected is known by no maker. */}
        {model.owned_by !== 'operator' && <Fact label="Made by">{model.owned_by}</Fact>}
        {model.parameters !== null && <Fact label="Parameters">{formatParameters(model.parameters)}</Fact>}
        {model.context_tokens !== null && (
          <Fact label="Context">{formatContext(model.context_tokens)} tokens</Fact>
        )}
        {licence && (
          <Fact label="Licence">
            <a href={licence.url} target="_blank" rel="noreferrer" className="text-accent underline">
              {licence.name}
            </a>
          </Fact>
        )}
        {price && (
          <Fact label="Price">
            {formatPrice(price.input_usd_per_million)} in, {formatPrice(price.cached_input_usd_per_million)}{' '}
            cached, {formatPrice(price.output_usd_per_million)} out per million tokens
          </Fact>
        )}
        {weights && (
          <>
            <Fact label="Weights">
              {weights.file_name}, {formatBytes(weights.size_bytes)}
            </Fact>
            <Fact label="From">{weights.sources.join(', ')}</Fact>
          </>
        )}
      </dl>
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_1fr] gap-3">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

function Disconnect({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const queries = useQueryClient();
  const disconnect = useMutation({
    mutationFn: () =>
      read(
        api.DELETE('/v1/organization/deployments/{deployment_id}', {
          params: { path: { deployment_id: deployment.id } },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
      toast({ title: `${deployment.id} is disconnected` });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title="Disconnect this engine?"
      action="Disconnect"
      busy={disconnect.isPending}
      error={disconnect.error}
      onConfirm={() => disconnect.mutate()}
      onClose={onClose}
    >
      <p>
        Nothing more is sent to <code className="font-mono text-xs break-all">{deployment.url}</code>. Answers
        under way go on to their end. If nothing else serves {deployment.model}, it can’t be asked any more.
      </p>
    </ConfirmDialog>
  );
}
