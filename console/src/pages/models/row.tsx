import { Link } from '@tanstack/react-router';
import type { OrganizationModel } from '../../api/organization.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PlaygroundIcon } from '../../ui/icons.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { engineNames, formatBytes, formatContext, formatParameters, formatPrice } from './format.ts';
import { Hint } from './hint.tsx';
import { LoadLine, loadOf } from './load.tsx';
import { Pull } from './pull.tsx';
import { ModelStatus } from './status.tsx';

/** Whether something answers for it, or will in a moment. */
export function isAskable({ status }: OrganizationModel): boolean {
  return status === 'ready' || status === 'stand_in' || status === 'starting';
}

export interface ModelRowProps {
  model: OrganizationModel;
  manages: boolean;
  /** Connects an engine that serves it. */
  onConnect: () => void;
}

/** A model in the list: what it is, whether it answers, what it costs, and what to do when it doesn't answer itself. */
export function ModelRow({ model, manages, onConnect }: ModelRowProps) {
  const { id, title, price, stand_in: standIn, deployments } = model;
  const stopped = deployments.some(({ state }) => state === 'ready' || state === 'starting')
    ? undefined
    : deployments.find(({ state }) => state === 'restarting' || state === 'failed');
  return (
    <li className="flex flex-col gap-3 px-4 py-4 sm:px-5">
      <div className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1">
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          <h2 className="min-w-0">
            <Link
              to="/models"
              search={{ model: id }}
              resetScroll={false}
              className="font-mono text-sm font-semibold break-all hover:text-accent hover:underline"
            >
              {id}
            </Link>
          </h2>
          <ModelStatus model={model} />
          {model.deployments.some(({ state }) => state === 'ready') && <LoadLine load={loadOf(model)} />}
        </div>
        {isAskable(model) && (
          <Link
            to="/playground"
            search={{ model: id }}
            aria-label={`Try it: ${id}`}
            className={buttonClass('secondary', 'small')}
          >
            <PlaygroundIcon className="size-3.5" />
            Try it
          </Link>
        )}
        <p className="col-span-2 text-sm text-pretty text-muted">
          {facts(model, title === id ? null : title)}
        </p>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <Capabilities model={model} />
        {price && (
          <p className="text-xs text-muted tabular">
            <span className="text-ink">{formatPrice(price.input_usd_per_million)}</span> in,{' '}
            <span className="text-ink">{formatPrice(price.output_usd_per_million)}</span> out per million
            tokens
          </p>
        )}
      </div>
      {standIn && (
        <>
          <p className="text-sm text-pretty text-muted">
            <span className="font-mono text-xs">{standIn.model}</span> answers in its place until its weights
            are here or an engine is connected. On the server:
          </p>
          <Snippet text={standIn.command} label={`command that replaces the stand-in of ${id}`} />
        </>
      )}
      {stopped && (
        <p className="rounded-lg bg-warning-soft/60 px-3 py-2.5 text-sm">
          {stopped.state === 'restarting'
            ? 'Its engine ended and is started again by itself, after a pause that grows each time. Until then it answers nothing.'
            : 'No engine answers for it.'}{' '}
          <Link to="/models" search={{ model: id }} resetScroll={false} className="text-accent underline">
            See why
          </Link>
        </p>
      )}
      {!standIn && model.hint !== null && (
        <p className="text-sm text-muted">
          <Hint text={model.hint} />
        </p>
      )}
      <Pull model={model} manages={manages} onConnect={onConnect} />
    </li>
  );
}

function facts(model: OrganizationModel, title: string | null): string {
  const servedBy = [...new Set(model.deployments.map(({ kind }) => engineNames[kind]))].join(' and ');
  return [
    title,
    model.parameters !== null && `${formatParameters(model.parameters)} parameters`,
    model.context_tokens !== null && `${formatContext(model.context_tokens)} context`,
    model.weights !== null && `${formatBytes(model.weights.size_bytes)} ${model.weights.quantization}`,
    model.licence?.name,
    servedBy !== '' && `served by ${servedBy}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

const capabilityNames = [
  ['image_input', 'Images'],
  ['tools', 'Tools'],
  ['structured_output', 'JSON schemas'],
  ['logprobs', 'Log-probabilities'],
] as const;

export function Capabilities({ model }: { model: OrganizationModel }) {
  const has = capabilityNames.filter(([name]) => model.capabilities[name]);
  return (
    <ul aria-label="Takes and gives" className="flex flex-wrap gap-1.5">
      {['Text', ...has.map(([, label]) => label)].map((label) => (
        <li key={label} className="rounded-md border px-1.5 py-px text-xs text-muted">
          {label}
        </li>
      ))}
    </ul>
  );
}
