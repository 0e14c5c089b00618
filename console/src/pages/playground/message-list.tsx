import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useSignal } from '../../signal.ts';
import { Badge } from '../../ui/badge.tsx';
import { cx } from '../../ui/class-names.ts';
import { AnswerView, StreamingAnswer } from './answer-view.tsx';
import type { ConversationStore } from './conversation-store.ts';
import { branchOf, openCalls, type Message } from './conversation-tree.ts';
import { QuestionView } from './question-view.tsx';
import { ToolResults } from './tool-calls.tsx';

export interface MessageListProps {
  store: ConversationStore;
  /** What answers next; null when nothing can. */
  model: string | null;
  showTokens: boolean;
}

/** The branch that is shown. It stays at its end while an answer comes, unless the reader has scrolled up. */
export function MessageList({ store, model, showTokens }: MessageListProps) {
  const { messages, activeId } = useSignal(store.conversation);
  const running = useSignal(store.running);
  const branch = branchOf(messages, activeId);
  const end = useRef<HTMLDivElement>(null);
  useStickToEnd(end, running?.run.answer ?? null, activeId);
  const calls = running === null ? openCalls(branch) : [];
  const busy = running !== null;
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-3 px-4 py-5 sm:px-6">
      {branch.map((message, index) => (
        <article
          key={message.id}
          data-last={index === branch.length - 1 || undefined}
          aria-label={nameOf(message)}
          className="group/message"
        >
          <Heading message={message} />
          {message.id === running?.messageId ? (
            <StreamingAnswer run={running.run} />
          ) : message.role === 'assistant' ? (
            <AnswerView {...{ message, store, messages, model, showTokens, busy }} />
          ) : (
            <QuestionView {...{ message, store, messages, model, busy }} />
          )}
        </article>
      ))}
      {calls.length > 0 && (
        <ToolResults
          key={activeId}
          calls={calls}
          disabled={model === null}
          onSend={(results) => {
            if (model !== null) store.answerCalls(results, model);
          }}
        />
      )}
      <LiveRegion store={store} />
      <div ref={end} />
    </div>
  );
}

function nameOf({ role, model }: Message): string {
  return {
    user: 'You',
    tool: 'Tool result',
    assistant: model ?? 'Answer',
    system: 'System',
    developer: 'Developer',
  }[role];
}

function Heading({ message }: { message: Message }): ReactNode {
  const isAnswer = message.role === 'assistant';
  return (
    <h2
      className={cx(
        'mb-1 flex min-h-5 items-center gap-2 text-xs font-medium wrap-anywhere',
        isAnswer ? 'text-accent' : 'text-muted',
      )}
    >
      {nameOf(message)}
      {message.error && <Badge tone="danger">Failed</Badge>}
    </h2>
  );
}

/** Says that an answer begins and ends, not each word: a screen reader reads it when its listener wants to. */
function LiveRegion({ store }: { store: ConversationStore }) {
  const running = useSignal(store.running);
  const last = store.branch().at(-1);
  const said =
    running !== null
      ? 'The model answers.'
      : last?.error
        ? `The answer failed: ${last.error.message}`
        : last?.role === 'assistant'
          ? 'The answer is complete.'
          : '';
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}

/** Keeps the end in view while it grows; scrolling up lets go, scrolling down takes hold again. */
function useStickToEnd(
  end: React.RefObject<HTMLDivElement | null>,
  answer: { subscribe: (listener: () => void) => () => void } | null,
  activeId: string | null,
): void {
  useEffect(() => {
    const frame = end.current?.closest('[data-scroll]');
    if (!frame || activeId === null) return undefined;
    frame.scrollTop = frame.scrollHeight;
    if (answer === null) return undefined;
    let sticking = true;
    const onScroll = () => {
      sticking = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 48;
    };
    const observer = new ResizeObserver(() => {
      if (sticking) frame.scrollTop = frame.scrollHeight;
    });
    if (end.current?.parentElement) observer.observe(end.current.parentElement);
    frame.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      frame.removeEventListener('scroll', onScroll);
    };
  }, [end, answer, activeId]);
}
