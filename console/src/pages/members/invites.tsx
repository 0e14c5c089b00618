import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, read } from '../../api/client.ts';
import { roleWords } from '../../roles.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Table } from '../../ui/table.tsx';
import { formatExactTime } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { Email } from './email.tsx';
import { type Invite, invitesQuery } from './queries.ts';

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

/** Invitations that nobody has accepted; nothing where there is none. */
export function Invites({ manages }: { manages: boolean }) {
  const invites = useQuery(invitesQuery);
  const open = (invites.data ?? []).filter(({ status }) => status !== 'accepted');
  if (open.length === 0) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-sm font-semibold">Invited</h2>
      <Table
        label="Invitations"
        rows={open}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'E-mail',
            cell: (invite) => (
              <>
                <span className="font-medium">
                  <Email address={invite.email} />
                </span>
                {/* What has no column of its own on a narrow screen. */}
                <span className="block text-xs text-muted sm:hidden">
                  {roleWords[invite.role].label} {invite.status === 'expired' ? '' : 'until '}
                  <Until invite={invite} />
                </span>
              </>
            ),
          },
          {
            title: 'Role',
            className: 'hidden sm:table-cell',
            cell: ({ role }) => roleWords[role].label,
          },
          {
            title: 'Until',
            className: 'hidden sm:table-cell',
            cell: (invite) => <Until invite={invite} />,
          },
          {
            title: 'Actions',
            titleHidden: true,
            className: 'text-right',
            cell: (invite) => manages && <Withdraw invite={invite} />,
          },
        ]}
      />
    </section>
  );
}

function Until({ invite: { status, expires_at: until } }: { invite: Invite }) {
  return status === 'expired' ? (
    <Badge tone="warning">Expired</Badge>
  ) : (
    <time
      dateTime={new Date(until * 1000).toISOString()}
      title={formatExactTime(until)}
      className="whitespace-nowrap"
    >
      {day.format(until * 1000)}
    </time>
  );
}

function Withdraw({ invite }: { invite: Invite }) {
  const queries = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () =>
      read(
        api.DELETE('/v1/organization/invites/{invite_id}', { params: { path: { invite_id: invite.id } } }),
      ),
    onSuccess: () => toast({ title: `The link of ${invite.email} doesn’t work any more` }),
    onError: (error) => toast({ title: 'The invitation stays', description: error.message, tone: 'danger' }),
    onSettled: () => queries.invalidateQueries({ queryKey: invitesQuery.queryKey }),
  });
  return (
    <Button
      size="small"
      variant="danger"
      busy={withdraw.isPending}
      aria-label={`Withdraw the invitation of ${invite.email}`}
      onClick={() => withdraw.mutate()}
    >
      Withdraw
    </Button>
  );
}
