import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Fragment, useEffect } from 'react';
import { api, read } from '../../api/client.ts';
import { modelsQuery, type OrganizationModel } from '../../api/organization.ts';
import { Button } from '../../ui/button.tsx';
import { DownloadIcon, PlusIcon, RetryIcon } from '../../ui/icons.tsx';
import { formatBytes, formatTimeLeft } from './format.ts';

type Pull = NonNullable<OrganizationModel['pull']>;

/** A download that somebody watches is asked for this often. */
const pollMs = 700;

const isUnderWay = ({ state }: Pull) => state === 'running' || state === 'waiting';

export interface PullProps {
  model: OrganizationModel;
  /** Whether the member may start and stop it. */
  manages: boolean;
  /** Connects an engine elsewhere instead. */
  onConnect: () => void;
}

/** The weights of a model on their way here: starts, follows, stops and takes up the download. Nothing once they are here. */
export function Pull({ model, manages, onConnect }: PullProps) {
  const queries = useQueryClient();
  const params = { path: { model_id: model.id } };
  const key = ['pull', model.id];
  const watched = useQuery({
    queryKey: key,
    queryFn: () => read(api.GET('/v1/organization/models/{model_id}/pull', { params })),
    enabled: model.pull !== null && isUnderWay(model.pull),
    refetchInterval: ({ state: { data } }) => (data && !isUnderWay(data) ? false : pollMs),
  });
  const act = useMutation({
    mutationFn: (task: 'pull' | 'cancel') =>
      task === 'pull'
        ? read(api.POST('/v1/organization/models/{model_id}/pull', { params }))
        : read(api.POST('/v1/organization/models/{model_id}/pull/cancel', { params })),
    onSuccess: async (pull) => {
      queries.setQueryData(key, pull);
      await queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
    },
  });
  const { data } = watched;
  const ended = data !== undefined && !isUnderWay(data);
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
  }, [ended, queries]);

  if (model.pull === null || model.weights === null) return null;
  const pull = isUnderWay(model.pull) && data !== undefined ? data : model.pull;
  if (isUnderWay(pull)) {
    return (
      <Progress pull={pull}>
        {manages && (
          <Button size="small" busy={act.isPending} onClick={() => act.mutate('cancel')}>
            Cancel
          </Button>
        )}
      </Progress>
    );
  }
  if (model.weights.state === 'present') return null;
  const partial = model.weights.bytes_on_disk > 0;
  const failure = act.error?.message ?? (pull.state === 'failed' ? pull.error : null);
  return (
    <div className="flex flex-col gap-2">
      {failure !== null && (
        <p role="alert" className="text-sm wrap-anywhere whitespace-pre-line text-danger">
          {failure}
        </p>
      )}
      {model.memory !== null && !model.memory.fits && (
        <p className="text-sm text-warning">
          Its weights take {formatBytes(model.memory.weights_bytes)} and this machine has{' '}
          {formatBytes(model.memory.machine_bytes)} of memory: connect an engine on a larger one instead.
        </p>
      )}
      {manages && (
        <div className="flex flex-wrap items-center gap-2">
          <Button size="small" busy={act.isPending} onClick={() => act.mutate('pull')}>
            {partial ? <RetryIcon className="size-3.5" /> : <DownloadIcon className="size-3.5" />}
            {partial ? 'Go on with the pull' : `Pull ${formatBytes(model.weights.size_bytes)}`}
          </Button>
          {model.deployments.length === 0 && (
            <Button size="small" aria-label={`Connect an engine for ${model.id}`} onClick={onConnect}>
              <PlusIcon className="size-3.5" />
              Connect an engine
            </Button>
          )}
          {partial && (
            <span className="text-xs text-muted tabular">
              {formatBytes(model.weights.bytes_on_disk)} of {formatBytes(model.weights.size_bytes)} are here
            </span>
          )}
        </div>
      )}
    </div>
  );
}

function Progress({ pull, children }: { pull: Pull; children: React.ReactNode }) {
  const { bytes, total_bytes: total, bytes_per_second: rate } = pull;
  const share = total === null || total === 0 ? null : bytes / total;
  const left = share === null || rate === 0 || total === null ? null : (total - bytes) / rate;
  const said = [
    total === null ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`,
    rate > 0 && `${formatBytes(rate)}/s`,
    left !== null && `${formatTimeLeft(left)} left`,
  ].filter(Boolean);
  return (
    <div className="flex flex-col gap-1.5 rounded-lg bg-sunken px-3 py-2.5">
      <div className="flex items-center justify-between gap-3">
        <div className="min-w-0 text-xs">
          <p className="tabular">
            {said.map((each, index) => (
              <Fragment key={index}>
                {index > 0 && ' · '}
                <span className="whitespace-nowrap">{each}</span>
              </Fragment>
            ))}
          </p>
          <p className="truncate text-muted">{pull.step ?? 'Waits for another download to end'}</p>
        </div>
        {children}
      </div>
      <div
        role="progressbar"
        aria-label={`Pull of ${pull.model}`}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
        className="h-1.5 overflow-hidden rounded-full bg-line"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-500 ease-linear"
          style={{ width: `${(share ?? 0) * 100}%` }}
        />
      </div>
    </div>
  );
}
