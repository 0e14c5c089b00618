import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { modelsQuery } from '../../api/models.ts';
import { useMe } from '../../api/session.ts';
import { useCommands } from '../../shell/commands.ts';
import { useHotkey } from '../../shell/hotkeys.ts';
import { useSignal } from '../../signal.ts';
import { readStored, writeStored } from '../../stored.ts';
import { CodeIcon, HistoryIcon, PlusIcon, SettingsIcon, ShareIcon } from '../../ui/icons.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { requestOf } from './chat-request.ts';
import { Composer } from './composer.tsx';
import type { ConversationStore } from './conversation-store.ts';
import { branchOf, newMessageId, type Message } from './conversation-tree.ts';
import { MessageList } from './message-list.tsx';
import { modelRefusal, preferredModel } from './model-choice.tsx';
import { beginConversation } from './open-conversation.ts';
import { SettingsPanel } from './settings-panel.tsx';
import { Start } from './start.tsx';
import { TopBar } from './top-bar.tsx';
import { useWide } from './wide.ts';

const HistoryDialog = lazy(() => import('./history-dialog.tsx'));
const PresetsDialog = lazy(() => import('./presets-dialog.tsx'));
const ShareDialog = lazy(() => import('./share-dialog.tsx'));
const SettingsDialog = lazy(() => import('./settings-dialog.tsx'));
const CodeDialog = lazy(() => import('./code-dialog.tsx'));

export type OpenDialog = 'history' | 'presets' | 'code' | 'share' | 'settings' | null;

export interface PlaygroundProps {
  store: ConversationStore;
  mayBeKept: boolean;
}

/** A conversation with a model, and everything that it depends on. */
export function Playground({ store, mayBeKept }: PlaygroundProps) {
  const { can } = useMe();
  const { settings, messages, activeId, id } = useSignal(store.conversation);
  const running = useSignal(store.running);
  const models = useQuery(modelsQuery);
  const model = preferredModel(
    models.data ?? [],
    settings.model ?? readStored('playground.model') ?? undefined,
  );
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const [panelOpen, setPanelOpen] = useState(readStored('playground.settings') !== 'closed');
  const isWide = useWide();
  const navigate = useNavigate();
  const branch = branchOf(messages, activeId);
  const refusal = refusalOf({ models, model, can });

  const chooseModel = (modelId: string) => {
    writeStored('playground.model', modelId);
    store.set({ model: modelId });
  };
  const send = (content: Message['content']) => {
    if (model !== null && refusal === null) store.send(content, model.id);
  };
  const begin = () => {
    const { model: kept } = store.conversation.get().settings;
    beginConversation(kept === undefined ? {} : { model: kept }, mayBeKept);
    void navigate({ to: '/playground', search: {} });
  };
  const toggleSettings = () => {
    if (!isWide) return setDialog('settings');
    setPanelOpen(!panelOpen);
    writeStored('playground.settings', panelOpen ? 'closed' : null);
    return undefined;
  };
  useHotkey('Escape', () => store.stop(), running !== null && dialog === null);
  useHotkey('mod+shift+o', (event) => {
    event.preventDefault();
    begin();
  });
  useHotkey('mod+shift+h', (event) => {
    event.preventDefault();
    setDialog('history');
  });
  usePlaygroundCommands({ begin, open: setDialog, toggleSettings });

  const panel = <SettingsPanel store={store} settings={settings} model={model} />;
  const closer = (open: boolean) => setDialog(open ? dialog : null);
  return (
    <div className="flex h-full">
      <section aria-label="Conversation" className="flex min-w-0 flex-1 flex-col">
        <TopBar
          store={store}
          models={models.data ?? []}
          model={model}
          onModel={chooseModel}
          onNew={begin}
          onOpen={setDialog}
          onSettings={toggleSettings}
          settingsOpen={isWide && panelOpen}
        />
        <div data-scroll className="flex min-h-0 flex-1 flex-col overflow-y-auto [scrollbar-gutter:stable]">
          {models.isError && branch.length === 0 ? (
            <ErrorState error={models.error} onRetry={() => void models.refetch()} />
          ) : branch.length === 0 ? (
            <Start model={model} disabled={refusal !== null} onAsk={send} />
          ) : (
            <MessageList
              store={store}
              model={refusal === null ? (model?.id ?? null) : null}
              showTokens={settings.logprobs === true}
            />
          )}
        </div>
        <Composer
          model={model}
          refusal={refusal}
          busy={running !== null}
          onSend={send}
          onStop={() => store.stop()}
        />
      </section>
      {isWide && panelOpen && (
        <aside aria-label="Settings" className="w-80 shrink-0 overflow-y-auto border-l bg-surface px-4 py-4">
          {panel}
        </aside>
      )}
      <Suspense>
        {!isWide && dialog === 'settings' && (
          <SettingsDialog onClose={() => setDialog(null)}>{panel}</SettingsDialog>
        )}
        {dialog === 'share' && <ShareDialog open onOpenChange={closer} store={store} />}
        {dialog === 'history' && (
          <HistoryDialog
            open
            onOpenChange={closer}
            onDeleted={(gone) => {
              if (gone === id) begin();
            }}
          />
        )}
        {dialog === 'presets' && (
          <PresetsDialog
            open
            onOpenChange={closer}
            settings={settings}
            maySave={mayBeKept}
            onApply={(next) => store.replaceSettings(next)}
          />
        )}
        {dialog === 'code' && (
          <CodeDialog
            open
            onOpenChange={closer}
            request={requestOf(settings, exampleBranch(branch), model?.id ?? '')}
          />
        )}
      </Suspense>
    </div>
  );
}

/** What the code asks: the conversation up to its last question, or a greeting when there is none. */
function exampleBranch(branch: readonly Message[]): Message[] {
  const end = branch.findLastIndex(({ role }) => role !== 'assistant');
  if (end >= 0) return branch.slice(0, end + 1);
  return [{ id: newMessageId(), parent_id: null, role: 'user', content: 'Hello!' }];
}

function refusalOf({
  models,
  model,
  can,
}: {
  models: { isPending: boolean };
  model: ReturnType<typeof preferredModel>;
  can: Record<string, boolean>;
}): string | null {
  if (can['models.use'] !== true) return 'Your role may read conversations, not ask models.';
  if (models.isPending) return 'Looking for models …';
  if (model === null) return 'There is no model yet: add one on the Models page.';
  return modelRefusal(model);
}

function usePlaygroundCommands({
  begin,
  open,
  toggleSettings,
}: {
  begin: () => void;
  open: (dialog: OpenDialog) => void;
  toggleSettings: () => void;
}): void {
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
