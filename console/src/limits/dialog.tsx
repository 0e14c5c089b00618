import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { FormEvent } from 'react';
import { api, read } from '../api/client.ts';
import { ApiFailure, fieldError } from '../api/failure.ts';
import type { Limit } from '../api/organization.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorState, SkeletonRows } from '../ui/states.tsx';
import { toast } from '../ui/toast.tsx';
import { BudgetMeters } from './budget-meters.tsx';
import { changeOf, draftOf } from './draft.ts';
import { LimitFields } from './fields.tsx';

/** Whom limits hold for. */
export interface LimitSubject {
  kind: Limit['kind'];
  id: string;
  name: string;
}

export interface LimitsDialogProps {
  subject: LimitSubject;
  onClose: () => void;
}

const formId = 'limits-form';

/** Shows and changes the limits and budgets of one subject. */
export function LimitsDialog({ subject, onClose }: LimitsDialogProps) {
  const params = { path: { kind: subject.kind, subject_id: subject.id } };
  const limit = useQuery({
    queryKey: ['limits', subject.kind, subject.id],
    queryFn: () => read(api.GET('/v1/organization/limits/{kind}/{subject_id}', { params })),
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
  const queries = useQueryClient();
  const isGone = limit.error instanceof ApiFailure && limit.error.status === 404;
  useEffect(() => {
    if (!isGone) return;
    for (const list of ['keys', 'projects']) void queries.invalidateQueries({ queryKey: [list] });
  }, [isGone, queries]);
  if (isGone)
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`${subject.name} is gone`}
        actions={
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        }
      >
        <p className="text-sm">
          {subject.kind === 'key'
            ? 'The key was revoked meanwhile: it is refused, and has no limits any more. Make another for what still needs one.'
            : 'The project was archived meanwhile: nobody works in it, and it has no limits any more.'}
        </p>
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="medium"
      title={`Limits of ${subject.name}`}
      description="A request has to be within the limits of its key, its project and the organization. A change holds within a second."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" disabled={!limit.isSuccess}>
            Save limits
          </Button>
        </>
      }
    >
      {limit.isPending && <SkeletonRows rows={6} />}
      {limit.isLoadingError && (
        <ErrorState compact error={limit.error} onRetry={() => void limit.refetch()} />
      )}
      {limit.isSuccess && <LimitsForm limit={limit.data} onSaved={onClose} />}
    </Dialog>
  );
}

function LimitsForm({ limit, onSaved }: { limit: Limit; onSaved: () => void }) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(limit));
  const save = useMutation({
    mutationFn: () =>
      read(
        api.POST('/v1/organization/limits/{kind}/{subject_id}', {
          params: { path: { kind: limit.kind, subject_id: limit.id } },
          body: changeOf(draft),
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['limits'] });
      toast({ title: `Limits of ${limit.name} are saved` });
      onSaved();
    },
  });
  const param = save.error instanceof ApiFailure ? save.error.param : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
      <BudgetMeters limit={limit} />
      <LimitFields
        takesFocus
        draft={draft}
        errorAt={(field) => fieldError(save.error, field)}
        onChange={(next) => {
          setDraft(next);
          save.reset();
        }}
      />
      {save.error && (param === null || !(param in draft)) && (
        <p role="alert" className="text-sm text-danger">
          {save.error.message}
        </p>
      )}
    </form>
  );
}
