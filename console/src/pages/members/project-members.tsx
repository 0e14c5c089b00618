import { useQuery } from '@tanstack/react-query';
import { MembersIcon } from '../../ui/icons.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { projectMembersQuery } from './queries.ts';

/** Who is listed for a project. */
export function ProjectMembers({ projectId }: { projectId: string }) {
  const members = useQuery(projectMembersQuery(projectId));
  if (members.isPending) return <SkeletonRows rows={4} />;
  if (members.isLoadingError)
    return <ErrorState error={members.error} onRetry={() => void members.refetch()} />;
  if (members.data.length === 0)
    return (
      <EmptyState icon={<MembersIcon className="size-6" />} title="Nobody is listed for this project">
        Owners and admins of the organization work in it all the same.
      </EmptyState>
    );
  return (
    <Table
      label="Members of the project"
      rows={members.data}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Name', cell: ({ name }) => <span className="font-medium">{name}</span> },
        { title: 'E-mail', cell: ({ email }) => <span className="text-muted">{email}</span> },
        { title: 'Role here', cell: ({ role }) => (role === 'owner' ? 'Owner' : 'Member') },
      ]}
    />
  );
}
