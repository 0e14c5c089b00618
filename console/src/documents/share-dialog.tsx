import { useProject } from '../shell/project-switcher.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/input.tsx';
import { Switch } from '../ui/switch.tsx';

export interface ShareDialogProps {
  onClose: () => void;
  /** Path of its page; null until it is saved. */
  path: string | null;
  visibility: 'private' | 'project';
  canEdit: boolean;
  onChange: (visibility: 'private' | 'project') => void;
  /** What others can do with it. */
  hint: string;
  /** When there is a link: "once something was asked". */
  savedWhen: string;
}

/** Shows a conversation or comparison to the project, by a link. */
export default function ShareDialog(props: ShareDialogProps) {
  const { onClose, path, visibility, canEdit, onChange, hint, savedWhen } = props;
  const project = useProject();
  // The link opens the project too: whoever follows it may have another one open.
  const address =
    path === null
      ? ''
      : `${location.origin}${path}${project === undefined ? '' : `?project=${encodeURIComponent(project.id)}`}`;
  return (
    <Dialog open onOpenChange={onClose} title="Share">
      <div className="flex flex-col gap-5">
        <Field label={`Everyone in ${project?.name ?? 'the project'} may read it`} hint={hint}>
          {(control) => (
            <Switch
              {...control}
              checked={visibility === 'project'}
              disabled={!canEdit || path === null}
              onChange={(shared) => onChange(shared ? 'project' : 'private')}
            />
          )}
        </Field>
        <Field
          label="Link"
          hint={
            path === null
              ? `There is a link ${savedWhen}.`
              : visibility === 'project'
                ? 'It opens for members of the project alone.'
                : 'It opens for you alone, until you share it.'
          }
        >
          {(control) => (
            <div className="flex items-center gap-2">
              <Input {...control} readOnly value={address} onFocus={(event) => event.target.select()} />
              <CopyButton text={address} label="Copy link" labelled />
            </div>
          )}
        </Field>
      </div>
    </Dialog>
  );
}
