import type { Model } from '../../api/models.ts';
import { useSignal } from '../../signal.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { CodeIcon, HistoryIcon, MoreIcon, PlusIcon, SettingsIcon, ShareIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import type { ConversationStore } from './conversation-store.ts';
import { ModelChoice } from './model-choice.tsx';
import type { OpenDialog } from './dialogs.tsx';

export interface TopBarProps {
  store: ConversationStore;
  models: readonly Model[];
  model: Model | null;
  onModel: (id: string) => void;
  onNew: () => void;
  onOpen: (dialog: OpenDialog) => void;
  onSettings: () => void;
  settingsOpen: boolean;
}

export function TopBar({
  store,
  models,
  model,
  onModel,
  onNew,
  onOpen,
  onSettings,
  settingsOpen,
}: TopBarProps) {
  const { title, canEdit } = useSignal(store.conversation);
  return (
    <header className="flex h-13 shrink-0 items-center gap-1 border-b px-3 sm:gap-2">
      <h1 className="sr-only">{title === '' ? 'Playground' : title}</h1>
      <ModelChoice models={models} model={model} onChange={onModel} />
      {model !== null && model.stand_in !== null && (
        <span className="hidden sm:block">
          <Badge tone="warning">Stand-in</Badge>
        </span>
      )}
      <p
        aria-hidden="true"
        className="hidden min-w-0 flex-1 truncate px-2 text-center text-xs text-muted lg:block"
      >
        {title}
      </p>
      <span className="flex-1 lg:hidden" />
      {!canEdit && <Badge>Read only: asking makes a copy</Badge>}
      <SaveMark store={store} />
      <span className="hidden sm:block">
        <Button size="small" variant="quiet" onClick={() => onOpen('code')}>
          <CodeIcon />
          Get code
        </Button>
      </span>
      <IconButton label="New conversation" onClick={onNew}>
        <PlusIcon />
      </IconButton>
      <IconButton label="Conversations" onClick={() => onOpen('history')}>
        <HistoryIcon />
      </IconButton>
      <IconButton label="Settings" aria-pressed={settingsOpen} onClick={onSettings}>
        <SettingsIcon />
      </IconButton>
      <Menu
        trigger={
          <IconButton label="More">
            <MoreIcon />
          </IconButton>
        }
      >
        <MenuItem icon={<SettingsIcon />} onClick={() => onOpen('presets')}>
          Presets
        </MenuItem>
        <MenuItem icon={<ShareIcon />} onClick={() => onOpen('share')}>
          Share
        </MenuItem>
        <MenuItem icon={<CodeIcon />} onClick={() => onOpen('code')}>
          Get code
        </MenuItem>
      </Menu>
    </header>
  );
}

/** Says when something is not saved; nothing while all is well. */
function SaveMark({ store }: { store: ConversationStore }) {
  const saving = useSignal(store.saving);
  if (saving.state !== 'failed') return null;
  return (
    <Button size="small" variant="danger" title={saving.message} onClick={() => store.retrySave()}>
      <span>
        Not saved<span className="max-sm:sr-only">: try again</span>
      </span>
    </Button>
  );
}
