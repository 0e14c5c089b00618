import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useMe } from '../../api/session.ts';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { isNewest, rememberId, useConversationStore } from './open-conversation.ts';
import { Playground } from './playground.tsx';

/** The playground, with the conversation that the address names. */
export default function PlaygroundPage() {
  const { conversationId } = useParams({ strict: false });
  const { can } = useMe();
  const mayBeKept = can['playground.write'] === true;
  const navigate = useNavigate();
  const { store, error, retry } = useConversationStore(conversationId, mayBeKept);

  useEffect(() => {
    store?.whenCreated((id) => {
      const isShown = location.pathname === '/playground' && isNewest(store);
      rememberId(store, id);
      // It may have been saved after the person went elsewhere, or began another.
      if (isShown)
        void navigate({ to: '/playground/$conversationId', params: { conversationId: id }, replace: true });
    });
  }, [store, navigate]);

  if (error) return <ErrorState error={error} onRetry={retry} />;
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
