import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { takeHanded } from '../../answers/playground-handoff.ts';
import { useMe } from '../../api/session.ts';
import { NotOpened } from '../../documents/not-opened.tsx';
import { lazyPart } from '../../lazy-part.tsx';
import { Skeleton } from '../../ui/states.tsx';
import {
  beginConversation,
  beginWith,
  isNewest,
  rememberId,
  useConversationStore,
} from './open-conversation.ts';
import { Playground } from './playground.tsx';

const ConversationHistory = lazyPart(() => import('./history.tsx'));

/** The playground, with the conversation that the address names. */
export default function PlaygroundPage() {
  const { conversationId } = useParams({ strict: false });
  const { can } = useMe();
  const mayBeKept = can['playground.write'] === true;
  const navigate = useNavigate();
  const { model } = useSearch({ from: '/shell/playground' });
  const { store, error, retry } = useConversationStore(conversationId, mayBeKept);
  const [historyOpen, setHistoryOpen] = useState(false);

  useEffect(() => {
    if (model === undefined) return;
    beginWith(takeHanded(model), mayBeKept);
    void navigate({ to: '/playground', search: {}, replace: true });
  }, [model, mayBeKept, navigate]);

  useEffect(() => {
    store?.whenCreated((id) => {
      const isShown = location.pathname === '/playground' && isNewest(store);
      rememberId(store, id);
      // It may have been saved after the person went elsewhere, or began another.
      if (isShown)
        void navigate({ to: '/playground/$conversationId', params: { conversationId: id }, replace: true });
    });
  }, [store, navigate]);

  if (error)
    return (
      <>
        <NotOpened
          error={error}
          noun="conversation"
          page="Playground"
          onRetry={retry}
          onNew={() => {
            beginConversation({}, mayBeKept);
            void navigate({ to: '/playground', search: {} });
          }}
          onHistory={() => setHistoryOpen(true)}
        />
        {historyOpen && (
          <ConversationHistory onClose={() => setHistoryOpen(false)} onDeleted={() => undefined} />
        )}
      </>
    );
  if (store === null) {
    return (
      <div role="status" aria-label="Loading" className="mx-auto flex max-w-3xl flex-col gap-4 px-6 py-20">
        <Skeleton className="h-5 w-1/3" />
        <Skeleton className="h-24" />
        <Skeleton className="h-16" />
      </div>
    );
  }
  return <Playground key={keyOf(store)} store={store} mayBeKept={mayBeKept} />;
}

const keys = new WeakMap<object, number>();
let lastKey = 0;

/** A new page for a new conversation, but the same one when it gets its id. */
function keyOf(store: object): number {
  const known = keys.get(store);
  if (known !== undefined) return known;
  lastKey += 1;
  keys.set(store, lastKey);
  return lastKey;
}
