import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useCommands } from '../../shell/commands.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { Button } from '../../ui/button.tsx';
import { AdminKeyIcon, PlusIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { MakeAdminKeyDialog } from './make-dialog.tsx';
import { type AdminKey, adminKeysQuery } from '../../api/organization.ts';
import { RevokeAdminKeyDialog } from './revoke-dialog.tsx';
import { AdminKeyTable } from './table.tsx';

/** Keys that administer and ask no model: made, and revoked. */
export default function AdminKeysPage() {
  return (
    <Permitted needs={['admin_keys.manage']} what="admin keys">
      <AdminKeys />
    </Permitted>
  );
}

function AdminKeys() {
  const [task, setTask] = useState<'make' | AdminKey | null>(null);
  const keys = useQuery(adminKeysQuery);
  const make = () => setTask('make');
  const close = () => setTask(null);
  useCommands(
    'admin-keys',
    useMemo(
      () => [
        {
          id: 'make-admin-key',
          label: 'Make an admin key',
          group: 'Admin keys',
          icon: <PlusIcon />,
          run: () => setTask('make'),
        },
      ],
      [],
    ),
  );
  return (
    <Page
      title="Admin keys"
      description="For programs that manage projects, keys, members and limits. To ask models, make a key under Keys."
      actions={
        <Button variant="primary" onClick={make}>
          <PlusIcon />
          Make an admin key
        </Button>
      }
    >
      {keys.isPending ? (
        <SkeletonRows rows={3} />
      ) : keys.isLoadingError ? (
        <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />
      ) : keys.data.length === 0 ? (
        <EmptyState
          icon={<AdminKeyIcon className="size-6" />}
          title="No admin key"
          action={
            <Button variant="primary" onClick={make}>
              Make an admin key
            </Button>
          }
        >
          People need none: they sign in. Make one for a program that administers this server.
        </EmptyState>
      ) : (
        <AdminKeyTable keys={keys.data} onRevoke={setTask} />
      )}
      {task === 'make' && <MakeAdminKeyDialog onClose={close} />}
      {task !== null && task !== 'make' && <RevokeAdminKeyDialog adminKey={task} onClose={close} />}
    </Page>
  );
}
