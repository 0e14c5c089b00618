import { figuresOf, type Answer, type TokenLogprob } from '../../answers/answer.ts';
import { runAnswer, type RunningAnswer } from '../../answers/run.ts';
import { ApiFailure } from '../../api/failure.ts';
import { costUsd, modelsQuery } from '../../api/models.ts';
import { queries } from '../../api/queries.ts';
import { createSignal } from '../../signal.ts';
import { requestOf } from './chat-request.ts';
import { loadConversation, saveConversation, type Conversation } from './conversation-api.ts';
import {
  branchOf,
  leafBelow,
  mergedMessages,
  newMessageId,
  textOf,
  withoutMessage,
  type Message,
  type Settings,
} from './conversation-tree.ts';
import { answerMessage, dropCopy, keepCopy } from './kept-copy.ts';

export type SaveState = { state: 'saved' | 'saving' | 'unsaved' } | { state: 'failed'; message: string };

const saveAfterMs = 900;
const keepEveryMs = 400;

/** An open conversation: its tree, the answer on its way, and saving. Lives on while other pages are shown. */
export class ConversationStore {
  readonly conversation;
  /** The answer that streams, and the message that it becomes. */
  readonly running = createSignal<{ messageId: string; run: RunningAnswer } | null>(null);
  readonly saving = createSignal<SaveState>({ state: 'saved' });
  /** Of answers that this tab has seen; the server doesn't keep them. */
  readonly logprobs = new Map<string, TokenLogprob[]>();
  #onCreated: (id: string) => void = () => undefined;
  #saveTimer: ReturnType<typeof setTimeout> | null = null;
  #saved: Promise<void> = Promise.resolve();
  #mayBeKept: boolean;

  /** @param mayBeKept false for a member who may not save: nothing is sent to the server then. */
  constructor(conversation: Conversation, mayBeKept: boolean) {
    this.conversation = createSignal(conversation);
    this.#mayBeKept = mayBeKept;
  }

  /** Calls a function once, when the server has given the conversation an id; the last one given. */
  whenCreated(listener: (id: string) => void): void {
    this.#onCreated = listener;
  }

  /** The messages that are shown. */
  branch(): Message[] {
    const { messages, activeId } = this.conversation.get();
    return branchOf(messages, activeId);
  }

  /** Sends a message and lets the model answer it. */
  send(content: Message['content'], model: string): void {
    const { activeId } = this.conversation.get();
    this.answer(this.#add({ role: 'user', content, parent_id: activeId }), model);
  }

  /** Lets the model answer a message; an answer that it has already stays on its own branch. */
  answer(parentId: string | null, model: string): void {
    if (this.running.get() !== null) return;
    const { settings, messages } = this.conversation.get();
    const request = requestOf(settings, branchOf(messages, parentId), model);
    const messageId = this.#add({ role: 'assistant', content: '', parent_id: parentId, model });
    const run = runAnswer(request);
    this.running.set({ messageId, run });
    let keptAtMs = 0;
    const stopFollowing = run.answer.subscribe(() => {
      if (performance.now() - keptAtMs < keepEveryMs) return;
      keptAtMs = performance.now();
      keepCopy(this.#withAnswer(messageId, run.answer.get()));
    });
    void run.ended.then((answer) => {
      stopFollowing();
      if (answer.logprobs.length > 0) this.logprobs.set(messageId, answer.logprobs);
      this.running.set(null);
      this.#change(this.#withAnswer(messageId, answer), 0);
      return undefined;
    });
    this.#scheduleSave(0);
  }

  stop(): void {
    this.running.get()?.run.stop();
  }

  /** Puts another text in a message's place, on a branch of its own. A changed question is answered anew. */
  edit(message: Message, content: Message['content'], model: string): void {
    const { id: _id, metrics: _metrics, error: _error, tool_calls: _calls, ...rest } = message;
    const id = this.#add({ ...rest, content });
    if (message.role === 'user') this.answer(id, model);
  }

  /** Gives results to the tool calls at the end of the branch, and lets the model go on. */
  answerCalls(results: readonly { callId: string; content: string }[], model: string): void {
    let parentId = this.conversation.get().activeId;
    for (const { callId, content } of results)
      parentId = this.#add({ role: 'tool', content, tool_call_id: callId, parent_id: parentId });
    this.answer(parentId, model);
  }

  remove(id: string): void {
    if (this.running.get() !== null) return;
    this.#change({ ...this.conversation.get(), ...withoutMessage(this.conversation.get().messages, id) });
  }

  /** Shows the branch that goes through a message. */
  show(id: string): void {
    const { messages } = this.conversation.get();
    this.#change({ ...this.conversation.get(), activeId: leafBelow(messages, id) });
  }

  change(fields: Partial<Pick<Conversation, 'title' | 'visibility'>>): void {
    this.#change({ ...this.conversation.get(), ...fields });
  }

  /** Sets fields of the settings; undefined takes one away. */
  set(fields: Partial<Settings>): void {
    const settings = { ...this.conversation.get().settings, ...fields };
    this.#change({ ...this.conversation.get(), settings });
  }

  replaceSettings(settings: Settings): void {
    this.#change({ ...this.conversation.get(), settings });
  }

  /** Saves what isn't saved yet. */
  retrySave(): void {
    this.#scheduleSave(0);
  }

  /** Keeps in this tab what the server may not have yet: before the page goes away. */
  keep(): void {
    const running = this.running.get();
    if (running !== null) keepCopy(this.#withAnswer(running.messageId, running.run.answer.get()));
    else if (this.saving.get().state !== 'saved') keepCopy(this.conversation.get());
  }

  #add(fields: Omit<Message, 'id'>): string {
    const id = newMessageId();
    const before = this.conversation.get();
    const message: Message = { created_at: Math.floor(Date.now() / 1000), ...fields, id };
    const title = before.title === '' && fields.role === 'user' ? titleOf(textOf(message)) : before.title;
    this.#change({ ...before, title, messages: [...before.messages, message], activeId: id });
    return id;
  }

  #withAnswer(messageId: string, answer: Answer): Conversation {
    const conversation = this.conversation.get();
    return {
      ...conversation,
      messages: conversation.messages.map((message) =>
        message.id === messageId ? answerMessage(message, answer, metricsOf(answer)) : message,
      ),
    };
  }

  #change(next: Conversation, afterMs = saveAfterMs): void {
    const owned = next.canEdit
      ? next
      : { ...next, id: null, version: 0, canEdit: true, visibility: 'private' as const };
    this.conversation.set(owned);
    keepCopy(owned);
    // Settings alone are nothing to keep yet.
    if (owned.id !== null || owned.messages.length > 0) this.#scheduleSave(afterMs);
  }

  #scheduleSave(afterMs: number): void {
    if (!this.#mayBeKept) return;
    this.saving.set({ state: 'unsaved' });
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => {
      this.#saved = this.#saved.then(() => this.#save());
    }, afterMs);
  }

  async #save(): Promise<void> {
    const sent = this.conversation.get();
    if (this.saving.get().state === 'saved') return;
    this.saving.set({ state: 'saving' });
    try {
      const saved = await saveConversation(sent).catch((error: unknown) => this.#afterConflict(sent, error));
      const now = this.conversation.get();
      this.conversation.set({ ...now, id: saved.id, version: saved.version });
      if (sent.id === null && saved.id !== null) {
        dropCopy(null);
        this.#onCreated(saved.id);
        void queries.invalidateQueries({ queryKey: ['conversations'] });
      }
      if (this.running.get() !== null || this.#isNewer(now, sent)) return;
      this.saving.set({ state: 'saved' });
      dropCopy(saved.id);
    } catch (error) {
      this.saving.set({
        state: 'failed',
        message: error instanceof Error ? error.message : 'Saving failed.',
      });
    }
  }

  #isNewer(now: Conversation, sent: Conversation): boolean {
    if (now === sent) return false;
    this.#scheduleSave(saveAfterMs);
    return true;
  }

  /** Another tab saved meanwhile: what both wrote is kept, and what was chosen here. */
  async #afterConflict(mine: Conversation, error: unknown): Promise<Conversation> {
    if (!(error instanceof ApiFailure) || error.code !== 'version_conflict' || mine.id === null) throw error;
    const theirs = await loadConversation(mine.id);
    const messages = mergedMessages(theirs.messages, this.conversation.get().messages);
    this.conversation.set({ ...this.conversation.get(), messages, version: theirs.version });
    return saveConversation({ ...mine, messages, version: theirs.version });
  }
}

/** The first words of a text, for a list. */
function titleOf(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59).replace(/\s\S*$/, '')}…`;
}

/** The figures of an answer as they are kept. */
function metricsOf(answer: Answer): NonNullable<Message['metrics']> {
  const { timeToFirstTokenMs, tokensPerSecond, durationMs } = figuresOf(answer);
  const { usage } = answer;
  const price =
    queries.getQueryData(modelsQuery.queryKey)?.find(({ id }) => id === answer.model)?.price ?? null;
  const cost = usage === null ? null : costUsd(price, usage);
  return {
    time_to_first_token_ms: timeToFirstTokenMs,
    tokens_per_second: tokensPerSecond,
    duration_ms: durationMs,
    cost_usd: cost === null ? null : cost.toFixed(12).replace(/\.?0+$/, ''),
    usage:
      usage === null
        ? null
        : {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            total_tokens: usage.total_tokens,
            prompt_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens },
          },
  };
}
