import { useCommands } from '../../shell/commands.ts';
import { CodeIcon, HistoryIcon, PlusIcon, SettingsIcon, ShareIcon } from '../../ui/icons.tsx';
import type { OpenDialog } from './dialogs.tsx';

export interface PlaygroundActions {
  begin: () => void;
  open: (dialog: OpenDialog) => void;
  toggleSettings: () => void;
}

/** What ⌘K offers in the playground. */
export function usePlaygroundCommands({ begin, open, toggleSettings }: PlaygroundActions): void {
  const commands = [
    { id: 'new', label: 'New conversation', keys: 'mod ⇧ O', icon: <PlusIcon />, run: begin },
    {
      id: 'history',
      label: 'Open a conversation',
      keys: 'mod ⇧ H',
      icon: <HistoryIcon />,
      run: () => open('history'),
    },
    {
      id: 'code',
      label: 'Get code',
      words: 'curl python node',
      icon: <CodeIcon />,
      run: () => open('code'),
    },
    { id: 'presets', label: 'Presets', icon: <SettingsIcon />, run: () => open('presets') },
    { id: 'share', label: 'Share', words: 'link', icon: <ShareIcon />, run: () => open('share') },
    {
      id: 'settings',
      label: 'Settings',
      words: 'temperature',
      icon: <SettingsIcon />,
      run: toggleSettings,
    },
  ].map((command) => ({ group: 'Playground', ...command, id: `playground-${command.id}` }));

  useCommands('playground', commands);
}
