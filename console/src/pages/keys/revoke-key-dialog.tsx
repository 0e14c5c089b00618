import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, goneAlready, read } from '../../api/client.ts';
import type { ApiKey } from '../../api/organization.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Ago } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';

export interface RevokeKeyDialogProps {
  projectId: string;
  apiKey: ApiKey;
  onClose: () => void;
}

/** Asks before a key stops working, and says what stops with it. */
export function RevokeKeyDialog({ projectId, apiKey, onClose }: RevokeKeyDialogProps) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      goneAlready(
        read(
          api.DELETE('/v1/organization/projects/{project_id}/api_keys/{api_key_id}', {
            params: { path: { project_id: projectId, api_key_id: apiKey.id } },
          }),
        ),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['keys', projectId] });
      toast({ title: `${apiKey.name} is revoked` });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Revoke ${apiKey.name}?`}
      action="Revoke key"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>
        Within a second, programs that use it are refused and answers under way end. This can’t be undone;
        what it used stays in the usage.
      </p>
      <p className="text-muted">
        {apiKey.last_used_at === null ? (
          'It was never used.'
        ) : (
          <>
            It was last used <Ago seconds={apiKey.last_used_at} />.
          </>
        )}
      </p>
    </ConfirmDialog>
  );
}
