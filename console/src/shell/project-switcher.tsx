import { chosenProjectId } from '../api/project.ts';
import { useMe } from '../api/session.ts';
import { useSignal } from '../signal.ts';
import { Select } from '../ui/select.tsx';

/** The project that the console works in: what it shows and what its requests are counted for. */
export function useProject(): { id: string; name: string; role: string } | undefined {
  const { projects } = useMe();
  const chosen = useSignal(chosenProjectId);
  return projects.find(({ id }) => id === chosen) ?? projects[0];
}

export function ProjectSwitcher() {
  const { projects } = useMe();
  const project = useProject();
  if (project === undefined) {
    return (
      <p className="px-2 text-xs text-muted">You are in no project yet: ask an admin to add you to one.</p>
    );
  }
  return (
    <Select
      label="Project"
      className="h-8 w-full px-2"
      value={project.id}
      options={projects.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(id) => chosenProjectId.set(id)}
    />
  );
}
