import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useMe } from '../../api/session.ts';
import { useCommands } from '../../shell/commands.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { useProject } from '../../shell/project-switcher.tsx';
import { Button } from '../../ui/button.tsx';
import { PlusIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { Invites } from './invites.tsx';
import { MemberTable } from './member-table.tsx';
import { ProjectMembers } from './project-members.tsx';
import { membersQuery } from '../../api/organization.ts';
import { RoleList } from './roles.tsx';

/** Who works here: of the organization for those who see it, else of the project. */
export default function MembersPage() {
  return (
    <Permitted needs={['users.read', 'project_users.read']} what="members">
      <Members />
    </Permitted>
  );
}

function Members() {
  const { can, organization } = useMe();
  const project = useProject();
  const [inviting, setInviting] = useState(false);
  const manages = can['users.manage'] === true;
  useCommands(
    'members',
    useMemo(
      () =>
        manages
          ? [
              {
                id: 'invite',
                label: 'Invite somebody',
                group: 'Members',
                icon: <PlusIcon />,
                run: () => setInviting(true),
              },
            ]
          : [],
      [manages],
    ),
  );
  const wholeOrganization = can['users.read'] === true;
  return (
    <Page
      title="Members"
      description={
        wholeOrganization || project === undefined
          ? `Who works in the organization ${organization.name}, and as what.`
          : `Who works in the project ${project.name}, and as what.`
      }
      actions={
        manages && (
          <Button variant="primary" onClick={() => setInviting(true)}>
            <PlusIcon />
            Invite somebody
          </Button>
        )
      }
    >
      {wholeOrganization ? (
        <OrganizationMembers manages={manages} />
      ) : (
        project && <ProjectMembers projectId={project.id} />
      )}
      <RoleList />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  );
}

function OrganizationMembers({ manages }: { manages: boolean }) {
  const members = useQuery(membersQuery);
  if (members.isPending) return <SkeletonRows rows={4} />;
  if (members.isLoadingError)
    return <ErrorState error={members.error} onRetry={() => void members.refetch()} />;
  return (
    <>
      <MemberTable members={members.data} manages={manages} />
      <Invites manages={manages} />
    </>
  );
}
