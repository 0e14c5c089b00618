import type { ReactNode } from 'react';
import { lazyPart } from '../../lazy-part.tsx';
import { useSignal } from '../../signal.ts';
import { requestOf } from './chat-request.ts';
import type { ConversationStore } from './conversation-store.ts';
import { branchOf, newMessageId, type Message } from './conversation-tree.ts';

const ConversationHistory = lazyPart(() => import('./history.tsx'));
const PresetsDialog = lazyPart(() => import('./presets-dialog.tsx'));
const ShareDialog = lazyPart(() => import('../../documents/share-dialog.tsx'));
const SettingsDialog = lazyPart(() => import('./settings-dialog.tsx'));
const CodeDialog = lazyPart(() => import('./code-dialog.tsx'));

export type OpenDialog = 'history' | 'presets' | 'code' | 'share' | 'settings' | null;

export interface DialogsProps {
  store: ConversationStore;
  open: OpenDialog;
  onClose: () => void;
  /** The settings, where they have no room beside the conversation. */
  settingsPanel: ReactNode;
  modelId: string;
  mayBeKept: boolean;
  /** The conversation that is shown was deleted. */
  onDeleted: () => void;
}

/** What opens above a conversation. */
export function Dialogs({
  store,
  open,
  onClose,
  settingsPanel,
  modelId,
  mayBeKept,
  onDeleted,
}: DialogsProps) {
  const { settings, messages, activeId, id, visibility, canEdit } = useSignal(store.conversation);
  return (
    <>
      {open === 'settings' && <SettingsDialog onClose={onClose}>{settingsPanel}</SettingsDialog>}
      {open === 'share' && (
        <ShareDialog
          onClose={onClose}
          path={id === null ? null : `/playground/${id}`}
          visibility={visibility}
          canEdit={canEdit}
          onChange={(next) => store.change({ visibility: next })}
          hint="They can copy it and go on from there. Only you can change it."
          savedWhen="once something was asked"
        />
      )}
      {open === 'history' && (
        <ConversationHistory
          onClose={onClose}
          onDeleted={(gone) => {
            if (gone === id) onDeleted();
          }}
        />
      )}
      {open === 'presets' && (
        <PresetsDialog
          open
          onOpenChange={onClose}
          settings={settings}
          maySave={mayBeKept}
          onApply={(next) => store.replaceSettings(next)}
        />
      )}
      {open === 'code' && (
        <CodeDialog
          open
          onOpenChange={onClose}
          request={requestOf(settings, exampleBranch(branchOf(messages, activeId)), modelId)}
        />
      )}
    </>
  );
}

/** What the code asks: the conversation up to its last question, or a greeting when there is none. */
function exampleBranch(branch: readonly Message[]): Message[] {
  const end = branch.findLastIndex(({ role }) => role !== 'assistant');
  if (end >= 0) return branch.slice(0, end + 1);
  return [{ id: newMessageId(), parent_id: null, role: 'user', content: 'Hello!' }];
}
