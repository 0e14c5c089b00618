import { useNavigate } from '@tanstack/react-router';
import type { Project } from '../../api/organization.ts';
import { chosenProjectId } from '../../api/project.ts';
import { useProject } from '../../shell/project-switcher.tsx';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { KeyIcon, LimitsIcon, MoreIcon, SettingsIcon, TrashIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Table } from '../../ui/table.tsx';
import { Ago } from '../../ui/time.tsx';

type Act = ((project: Project) => void) | null;

export interface ProjectTableProps {
  projects: readonly Project[];
  /** Each is null for who may not. */
  onSettings: Act;
  onLimits: Act;
  onArchive: Act;
}

/** Projects with what can be done to them. */
export function ProjectTable({ projects, ...acts }: ProjectTableProps) {
  const current = useProject();
  return (
    <Table
      label="Projects"
      rows={projects}
      keyOf={({ id }) => id}
      columns={[
        {
          title: 'Name',
          cell: ({ id, name, status }) => (
            <span className="flex flex-wrap items-center gap-2">
              <span className={status === 'archived' ? 'text-muted' : 'font-medium'}>{name}</span>
              {id === current?.id && <Badge tone="accent">Current</Badge>}
              {status === 'archived' && <Badge>Archived</Badge>}
            </span>
          ),
        },
        {
          title: 'Content',
          cell: ({ store_content: stores, content_retention_days: days }) =>
            stores ? (
              `Stored for ${days} ${days === 1 ? 'day' : 'days'}`
            ) : (
              <span className="whitespace-nowrap text-muted">Not stored</span>
            ),
        },
        {
          title: 'Made',
          className: 'hidden text-muted sm:table-cell',
          cell: ({ created_at: made }) => <Ago seconds={made} />,
        },
        {
          title: 'Id',
          className: 'hidden lg:table-cell',
          cell: ({ id }) => <code className="font-mono text-xs whitespace-nowrap text-muted">{id}</code>,
        },
        {
          title: 'Actions',
          titleHidden: true,
          className: 'w-10 text-right',
          cell: (project) => project.status === 'active' && <Actions project={project} {...acts} />,
        },
      ]}
    />
  );
}

function Actions({
  project,
  onSettings,
  onLimits,
  onArchive,
}: Omit<ProjectTableProps, 'projects'> & { project: Project }) {
  const navigate = useNavigate();
  const isDefault = project.name === 'default';
  const openKeys = () => {
    chosenProjectId.set(project.id);
    void navigate({ to: '/keys' });
  };
  return (
    <Menu
      trigger={
        <IconButton size="small" label={`Actions for ${project.name}`}>
          <MoreIcon />
        </IconButton>
      }
    >
      <MenuItem icon={<KeyIcon />} onClick={openKeys}>
        Open its keys
      </MenuItem>
      {onSettings && (
        <MenuItem icon={<SettingsIcon />} onClick={() => onSettings(project)}>
          Settings
        </MenuItem>
      )}
      {onLimits && (
        <MenuItem icon={<LimitsIcon />} onClick={() => onLimits(project)}>
          Limits and budget
        </MenuItem>
      )}
      {onArchive && !isDefault && (
        <MenuItem icon={<TrashIcon />} danger onClick={() => onArchive(project)}>
          Archive
        </MenuItem>
      )}
    </Menu>
  );
}
