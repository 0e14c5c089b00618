import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { loadConversation, newConversation, type Conversation } from './conversation-api.ts';
import { ConversationStore } from './conversation-store.ts';
import { mergedMessages, type Settings } from './conversation-tree.ts';
import { dropCopy, readCopy } from './kept-copy.ts';

/** Conversations that are open in this tab, by id; `new` is the one that isn't saved yet. */
const open = new Map<string, ConversationStore>();

function adopt(conversation: Conversation, mayBeKept: boolean): ConversationStore {
  const store = new ConversationStore(conversation, mayBeKept);
  open.set(conversation.id ?? 'new', store);
  return store;
}

/** The conversation that isn't saved yet: what this tab kept of it, else an empty one. */
function openNew(mayBeKept: boolean): ConversationStore {
  const known = open.get('new');
  if (known) return known;
  return adopt(readCopy(null) ?? newConversation(), mayBeKept);
}

/** A saved conversation, with what this tab had of it that the server has not. */
async function openSaved(id: string, mayBeKept: boolean): Promise<ConversationStore> {
  const known = open.get(id);
  if (known) return known;
  const saved = await loadConversation(id);
  const kept = readCopy(id);
  if (kept === null) return adopt(saved, mayBeKept);
  const { version, canEdit } = saved;
  const messages = mergedMessages(saved.messages, kept.messages);
  const store = adopt({ ...kept, messages, version, canEdit }, mayBeKept);
  store.retrySave();
  return store;
}

/** Begins an empty conversation with these settings; the one that wasn't saved yet is given up. */
export function beginConversation(settings: Settings, mayBeKept: boolean): ConversationStore {
  open.get('new')?.stop();
  open.delete('new');
  dropCopy(null);
  return adopt(newConversation(settings), mayBeKept);
}

/** Goes on with other settings: in the new conversation while nothing is said in it, else in another. */
export function beginWith(settings: Settings, mayBeKept: boolean): void {
  const fresh = openNew(mayBeKept);
  if (fresh.conversation.get().messages.length === 0) fresh.set(settings);
  else beginConversation(settings, mayBeKept);
}

/** Closes a conversation that was deleted. */
export function forgetConversation(id: string): void {
  open.get(id)?.stop();
  open.delete(id);
  dropCopy(id);
}

/** Whether `/playground` shows this conversation. */
export function isNewest(store: ConversationStore): boolean {
  return open.get('new') === store;
}

/** From now on the conversation is found by the id that it was given. Another may be the new one by now. */
export function rememberId(store: ConversationStore, id: string): void {
  if (open.get('new') === store) open.delete('new');
  open.set(id, store);
}

/** The store of a conversation; without an id the new one. */
export function useConversationStore(id: string | undefined, mayBeKept: boolean) {
  const saved = useQuery({
    queryKey: ['conversation', id],
    queryFn: () => openSaved(id ?? '', mayBeKept),
    enabled: id !== undefined && !open.has(id),
    staleTime: Infinity,
    gcTime: 0,
  });
  useEffect(() => {
    const keep = () => {
      for (const store of open.values()) store.keep();
    };
    addEventListener('pagehide', keep);
    return () => removeEventListener('pagehide', keep);
  }, []);
  const store = id === undefined ? openNew(mayBeKept) : (open.get(id) ?? saved.data ?? null);
  return { store, error: saved.error, retry: () => void saved.refetch() };
}
