import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, goneAlready, read } from '../../api/client.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Ago } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { type AdminKey, adminKeysQuery } from '../../api/organization.ts';

/** Asks before an admin key stops working. */
export function RevokeAdminKeyDialog({ adminKey, onClose }: { adminKey: AdminKey; onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      goneAlready(
        read(
          api.DELETE('/v1/organization/admin_api_keys/{key_id}', {
            params: { path: { key_id: adminKey.id } },
          }),
        ),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: adminKeysQuery.queryKey });
      toast({ title: `${adminKey.name} is revoked` });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Revoke ${adminKey.name}?`}
      action="Revoke admin key"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>
        Within a second, programs that administer with it are refused. This can’t be undone; what it did stays
        in the audit log.
      </p>
      <p className="text-muted">
        {adminKey.last_used_at === null ? (
          'It was never used.'
        ) : (
          <>
            It was last used <Ago seconds={adminKey.last_used_at} />.
          </>
        )}
      </p>
    </ConfirmDialog>
  );
}
