import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { api, read } from '../../api/client.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TrashIcon } from '../../ui/icons.tsx';
import { Input } from '../../ui/input.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import type { Settings } from './conversation-tree.ts';

export interface PresetsDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** What a new preset keeps. */
  settings: Settings;
  onApply: (settings: Settings) => void;
  maySave: boolean;
}

/** Settings under a name: system prompt, sampling, format, tools and model. */
export default function PresetsDialog({
  open,
  onOpenChange,
  settings,
  onApply,
  maySave,
}: PresetsDialogProps) {
  const client = useQueryClient();
  const [title, setTitle] = useState('');
  const [query, setQuery] = useState('');
  const list = useQuery({
    queryKey: ['presets', query],
    queryFn: () =>
      read(api.GET('/v1/playground/presets', { params: { query: { limit: 50, ...(query && { query }) } } })),
  });
  const refresh = () => void client.invalidateQueries({ queryKey: ['presets'] });
  const save = useMutation({
    mutationFn: () =>
      read(api.POST('/v1/playground/presets', { body: { title, settings, visibility: 'project' } })),
    onSuccess: () => {
      setTitle('');
      refresh();
    },
  });
  const apply = useMutation({
    mutationFn: (id: string) => read(api.GET('/v1/playground/presets/{id}', { params: { path: { id } } })),
    onSuccess: (preset) => {
      onApply(preset.settings);
      onOpenChange(false);
      toast({ title: `“${preset.title}” is set` });
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => read(api.DELETE('/v1/playground/presets/{id}', { params: { path: { id } } })),
    onSuccess: refresh,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() !== '') save.mutate();
  };
  const failure = save.error ?? apply.error ?? remove.error;
  const presets = list.data?.data ?? [];
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Presets"
      description="Settings under a name, for everyone in the project."
      size="medium"
    >
      {maySave && (
        <form onSubmit={submit} className="flex gap-2">
          <Input
            aria-label="Name of a new preset"
            placeholder="Save these settings as …"
            value={title}
            maxLength={200}
            onChange={(event) => setTitle(event.target.value)}
          />
          <Button
            type="submit"
            variant="primary"
            busy={save.isPending}
            disabled={title.trim() === ''}
            className="h-9"
          >
            Save
          </Button>
        </form>
      )}
      {failure && (
        <p role="alert" className="mt-2 text-sm text-danger">
          {failure.message}
        </p>
      )}
      <div className="mt-4 min-h-48">
        {(presets.length > 8 || query !== '') && (
          <Input
            type="search"
            aria-label="Search presets"
            placeholder="Search"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            className="mb-2"
          />
        )}
        {list.isPending && <SkeletonRows rows={3} />}
        {list.isError && <ErrorState error={list.error} onRetry={() => void list.refetch()} compact />}
        {list.isSuccess && presets.length === 0 && (
          <EmptyState title={query === '' ? 'No presets yet' : 'Nothing found'}>
            Set up the playground as you like it, then save it here.
          </EmptyState>
        )}
        <ul className="-mx-2">
          {presets.map(({ id, title: name, model, can_edit: mine }) => (
            <li key={id} className="flex items-center gap-1 rounded-lg hover:bg-hover">
              <button
                type="button"
                className="flex min-w-0 flex-1 items-center gap-2 rounded-lg px-2 py-2 text-left text-sm"
                onClick={() => apply.mutate(id)}
              >
                <span className="truncate">{name}</span>
                {model !== null && <Badge>{model}</Badge>}
              </button>
              {mine && (
                <IconButton
                  size="small"
                  label={`Delete ${name}`}
                  onClick={() => remove.mutate(id)}
                  className="mr-1"
                >
                  <TrashIcon className="size-3.5" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
