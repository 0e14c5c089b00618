import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type Project, projectsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { LimitsDialog } from '../../limits/dialog.tsx';
import { useCommands } from '../../shell/commands.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { Button } from '../../ui/button.tsx';
import { PlusIcon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';
import { ArchiveDialog } from './archive-dialog.tsx';
import { MakeProjectDialog } from './make-dialog.tsx';
import { ProjectSettingsDialog } from './settings-dialog.tsx';
import { ProjectTable } from './table.tsx';

type Task = { kind: 'make' } | { kind: 'limits' | 'archive'; project: Project };

/** The projects of the organization: what is kept apart from each other. */
export default function ProjectsPage() {
  return (
    <Permitted needs={['projects.read']} what="projects">
      <Projects />
    </Permitted>
  );
}

function Projects() {
  const { can } = useMe();
  const { project: openId } = useSearch({ from: '/shell/projects' });
  const navigate = useNavigate();
  const [task, setTask] = useState<Task | null>(null);
  const [archived, setArchived] = useState(false);
  const projects = useQuery(projectsQuery({ archived }));
  const makes = can['projects.create'] === true;
  const manages = can['projects.manage'] === true;
  const close = () => setTask(null);
  const openSettings = (id: string | undefined) =>
    void navigate({
      to: '/projects',
      search: id === undefined ? {} : { project: id },
      replace: true,
      resetScroll: false,
    });
  useCommands(
    'projects',
    useMemo(
      () =>
        makes
          ? [
              {
                id: 'make-project',
                label: 'Make a project',
                group: 'Projects',
                icon: <PlusIcon />,
                run: () => setTask({ kind: 'make' }),
              },
            ]
          : [],
      [makes],
    ),
  );
  const open = projects.data?.find(({ id }) => id === openId);
  return (
    <Page
      title="Projects"
      description="Keys, conversations, logs and budgets belong to a project, and no project sees another’s."
      actions={
        makes && (
          <Button variant="primary" onClick={() => setTask({ kind: 'make' })}>
            <PlusIcon />
            Make a project
          </Button>
        )
      }
    >
      {projects.isPending ? (
        <SkeletonRows rows={4} />
      ) : projects.isLoadingError ? (
        <ErrorState error={projects.error} onRetry={() => void projects.refetch()} />
      ) : (
        <ProjectTable
          projects={projects.data}
          onSettings={manages ? ({ id }) => openSettings(id) : null}
          onLimits={can['limits.manage'] === true ? (project) => setTask({ kind: 'limits', project }) : null}
          onArchive={makes ? (project) => setTask({ kind: 'archive', project }) : null}
        />
      )}
      <div className="flex min-h-6 items-center gap-2.5 text-sm text-muted">
        <Switch id="archived-projects" checked={archived} onChange={setArchived} />
        <label htmlFor="archived-projects">Show archived projects</label>
      </div>
      {task?.kind === 'make' && <MakeProjectDialog onClose={close} />}
      {task?.kind === 'archive' && <ArchiveDialog project={task.project} onClose={close} />}
      {task?.kind === 'limits' && (
        <LimitsDialog
          subject={{ kind: 'project', id: task.project.id, name: task.project.name }}
          onClose={close}
        />
      )}
      {open && manages && <ProjectSettingsDialog project={open} onClose={() => openSettings(undefined)} />}
    </Page>
  );
}
