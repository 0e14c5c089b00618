import { api, read } from '../../api/client.ts';
import type { components } from '../../api/openapi.ts';
import type { Message, Settings } from './conversation-tree.ts';

/** A conversation as the page holds it. */
export interface Conversation {
  /** Null until it is saved for the first time. */
  id: string | null;
  version: number;
  title: string;
  visibility: 'private' | 'project';
  /** Somebody else's is shown; going on with it makes a copy. */
  canEdit: boolean;
  settings: Settings;
  messages: Message[];
  activeId: string | null;
}

export function newConversation(settings: Settings = {}): Conversation {
  return {
    id: null,
    version: 0,
    title: '',
    visibility: 'private',
    canEdit: true,
    settings,
    messages: [],
    activeId: null,
  };
}

function fromApi(saved: components['schemas']['PlaygroundConversation']): Conversation {
  const { id, version, title, visibility, can_edit: canEdit, settings, messages } = saved;
  return { id, version, title, visibility, canEdit, settings, messages, activeId: saved.active_message_id };
}

export async function loadConversation(id: string): Promise<Conversation> {
  return fromApi(await read(api.GET('/v1/playground/conversations/{id}', { params: { path: { id } } })));
}

/** Creates or updates it. Throws `ApiFailure` with `version_conflict` when it was changed elsewhere. */
export async function saveConversation(conversation: Conversation): Promise<Conversation> {
  const { id, version, title, visibility, settings, messages, activeId } = conversation;
  const body = { title, visibility, settings, messages, active_message_id: activeId };
  return fromApi(
    id === null
      ? await read(api.POST('/v1/playground/conversations', { body }))
      : await read(
          api.POST('/v1/playground/conversations/{id}', {
            params: { path: { id } },
            body: { ...body, version },
          }),
        ),
  );
}

export async function deleteConversation(id: string): Promise<void> {
  await read(api.DELETE('/v1/playground/conversations/{id}', { params: { path: { id } } }));
}

/** A page of the list, the last changed first; `query` searches titles and texts. */
export function listConversations(query: string, after: string | null) {
  return read(
    api.GET('/v1/playground/conversations', {
      params: {
        query: { limit: 30, ...(query === '' ? {} : { query }), ...(after === null ? {} : { after }) },
      },
    }),
  );
}
