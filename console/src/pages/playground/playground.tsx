import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { modelsQuery } from '../../api/models.ts';
import { useMe } from '../../api/session.ts';
import { useHotkey } from '../../shell/hotkeys.ts';
import { useSignal } from '../../signal.ts';
import { readStored, writeStored } from '../../stored.ts';
import { ErrorState } from '../../ui/states.tsx';
import { usePlaygroundCommands } from './commands.tsx';
import { Composer } from './composer.tsx';
import type { ConversationStore } from './conversation-store.ts';
import { branchOf, type Message } from './conversation-tree.ts';
import { Dialogs, type OpenDialog } from './dialogs.tsx';
import { MessageList } from './message-list.tsx';
import { modelRefusal, preferredModel } from './model-choice.tsx';
import { beginConversation } from './open-conversation.ts';
import { SettingsPanel } from './settings-panel.tsx';
import { Start } from './start.tsx';
import { TopBar } from './top-bar.tsx';
import { useWide } from './wide.ts';

export interface PlaygroundProps {
  store: ConversationStore;
  mayBeKept: boolean;
}

/** A conversation with a model, and everything that it depends on. */
export function Playground({ store, mayBeKept }: PlaygroundProps) {
  const { can } = useMe();
  const { settings, messages, activeId } = useSignal(store.conversation);
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
            <Start
              model={model}
              isWithoutModels={models.data?.length === 0}
              disabled={refusal !== null}
              onAsk={send}
            />
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
      <Dialogs
        store={store}
        open={isWide && dialog === 'settings' ? null : dialog}
        onClose={() => setDialog(null)}
        settingsPanel={panel}
        modelId={model?.id ?? ''}
        mayBeKept={mayBeKept}
        onDeleted={begin}
      />
    </div>
  );
}

function refusalOf({
  models,
  model,
  can,
}: {
  models: { isPending: boolean; isError: boolean };
  model: ReturnType<typeof preferredModel>;
  can: Record<string, boolean>;
}): string | null {
  if (can['models.use'] !== true) return 'Your role may read conversations, not ask models.';
  if (models.isPending) return 'Looking for models …';
  if (model === null) return models.isError ? 'Models can’t be read now.' : 'There is no model to ask yet.';
  return modelRefusal(model);
}
