import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import { formatDuration } from '../../answers/format.ts';
import { api, read } from '../../api/client.ts';
import { ApiFailure, fieldError } from '../../api/failure.ts';
import { modelsQuery, type OrganizationModel } from '../../api/organization.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckIcon } from '../../ui/icons.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { Switch } from '../../ui/switch.tsx';
import { toast } from '../../ui/toast.tsx';
import { engineNames, formatContext } from './format.ts';

export interface ConnectDialogProps {
  models: readonly OrganizationModel[];
  /** The name under which it is asked for; empty to be typed. */
  model: string;
  onClose: () => void;
}

const formId = 'connect-engine';
const empty = { url: '', upstream_model: '', api_key_env: '', image_input: false };

/** Connects an engine elsewhere. It is tried first: only what answered a token is saved. */
export function ConnectDialog({ models, model, onClose }: ConnectDialogProps) {
  const queries = useQueryClient();
  const listId = useId();
  const [typed, setTyped] = useState({ ...empty, model });
  const body = {
    model: typed.model.trim(),
    url: typed.url.trim(),
    upstream_model: typed.upstream_model.trim() || null,
    api_key_env: typed.api_key_env.trim() || null,
    image_input: typed.image_input,
  };
  const test = useMutation({
    mutationFn: () => read(api.POST('/v1/organization/deployments/test', { body })),
  });
  const save = useMutation({
    mutationFn: () => read(api.POST('/v1/organization/deployments', { body })),
    onSuccess: async (deployment) => {
      await queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
      toast({ title: `${deployment.model} answers from ${new URL(deployment.url ?? '').host}` });
      onClose();
    },
  });
  const failure = save.error ?? test.error;
  const param = failure instanceof ApiFailure ? failure.param : null;
  const errorAt = (field: string) => fieldError(failure, field);
  const set = (change: Partial<typeof typed>) => {
    setTyped({ ...typed, ...change });
    test.reset();
    save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (test.isSuccess) save.mutate();
    else test.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="medium"
      title="Connect an engine"
      description="vLLM, SGLang, llama-server, Ollama, or anything else that speaks OpenAI’s API."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" busy={test.isPending || save.isPending}>
            {test.isSuccess ? 'Connect' : test.isPending ? 'Asking it for a token' : 'Test'}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Address"
          hint="As in http://host:8000/v1, reachable from the server."
          error={errorAt('url')}
        >
          {(control) => (
            <Input
              {...control}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type this
              autoFocus
              required
              inputMode="url"
              autoComplete="off"
              placeholder="http://"
              value={typed.url}
              onChange={(event) => set({ url: event.target.value })}
            />
          )}
        </Field>
        <div className="grid gap-x-4 gap-y-4 sm:grid-cols-2">
          <Field label="Model" hint="The name that is asked for here." error={errorAt('model')}>
            {(control) => (
              <Input
                {...control}
                required
                list={listId}
                autoComplete="off"
                value={typed.model}
                onChange={(event) => set({ model: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Name at the engine (optional)"
            hint="Found out when the engine has one model."
            error={errorAt('upstream_model')}
          >
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                value={typed.upstream_model}
                onChange={(event) => set({ upstream_model: event.target.value })}
              />
            )}
          </Field>
        </div>
        <datalist id={listId}>
          {models.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </datalist>
        <Field
          label="Variable with its key (optional)"
          hint="Name of a variable in the server’s environment that ends in _API_KEY. The key itself is never typed here."
          error={errorAt('api_key_env')}
        >
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              placeholder="ENGINE_API_KEY"
              className="font-mono"
              value={typed.api_key_env}
              onChange={(event) => set({ api_key_env: event.target.value })}
            />
          )}
        </Field>
        <div className="flex min-h-6 items-center gap-2.5 text-sm">
          <Switch
            id={`${listId}-images`}
            checked={typed.image_input}
            onChange={(image_input) => set({ image_input })}
          />
          <label htmlFor={`${listId}-images`}>It takes images for this model</label>
        </div>
        <div aria-live="polite">
          {test.isSuccess && (
            <div className="flex items-start gap-2 rounded-lg bg-success-soft px-3 py-2.5 text-sm text-success">
              <CheckIcon className="mt-0.5 size-4" />
              <p>
                It answers: {engineNames[test.data.kind]}, model{' '}
                <span className="font-mono text-xs break-all">{test.data.upstream_model}</span>
                {test.data.context_tokens !== null && `, ${formatContext(test.data.context_tokens)} context`},
                in {formatDuration(test.data.duration_ms)}.
              </p>
            </div>
          )}
          {failure && !(param !== null && param in typed) && (
            <p role="alert" className="text-sm text-danger">
              {failure.message}
            </p>
          )}
        </div>
      </form>
    </Dialog>
  );
}
