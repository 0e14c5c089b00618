import { useProject } from '../../shell/project-switcher.tsx';
import { useSignal } from '../../signal.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { Switch } from '../../ui/switch.tsx';
import { shareAddress } from './conversation-api.ts';
import type { ConversationStore } from './conversation-store.ts';

export interface ShareDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  store: ConversationStore;
}

/** Shows a conversation to the project, by a link. */
export default function ShareDialog({ open, onOpenChange, store }: ShareDialogProps) {
  const { id, visibility, canEdit } = useSignal(store.conversation);
  const project = useProject();
  const address = id === null ? '' : shareAddress(id, project?.id ?? null);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Share">
      <div className="flex flex-col gap-5">
        <Field
          label={`Everyone in ${project?.name ?? 'the project'} may read it`}
          hint="They can copy it and go on from there. Only you can change it."
        >
          {(control) => (
            <Switch
              {...control}
              checked={visibility === 'project'}
              disabled={!canEdit || id === null}
              onChange={(shared) => store.change({ visibility: shared ? 'project' : 'private' })}
            />
          )}
        </Field>
        <Field
          label="Link"
          hint={
            id === null
              ? 'There is a link once something was asked.'
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
