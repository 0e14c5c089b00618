import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { figuresOf, type Answer } from '../../answers/answer.ts';
import type { RunningAnswer } from '../../answers/run.ts';
import { useMe } from '../../api/session.ts';
import { lazyPart } from '../../lazy-part.tsx';
import { ModelText } from '../../markdown/model-text.tsx';
import { useSignal } from '../../signal.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import type { ConversationStore } from './conversation-store.ts';
import { textOf, type Message } from './conversation-tree.ts';
import { FiguresLine } from './figures-line.tsx';
import { MessageActions } from './message-actions.tsx';
import { MessageEditor } from './message-editor.tsx';
import { ToolCalls } from './tool-calls.tsx';

const TokenColours = lazyPart(
  () => import('../../answers/token-colours.tsx'),
  ({ logprobs }) => <ModelText text={logprobs.map(({ token }) => token).join('')} />,
);

/** An answer while it comes. */
export function StreamingAnswer({ run }: { run: RunningAnswer }) {
  const answer = useSignal(run.answer);
  return (
    <>
      <div className="min-h-7" aria-busy="true">
        {(answer.state === 'waiting' || answer.state === 'queued') && <Waiting answer={answer} />}
        <ModelText text={answer.text} streaming />
        {answer.toolCalls.length > 0 && <ToolCalls calls={answer.toolCalls} />}
      </div>
      <div className="mt-2">
        <StreamingFigures answer={answer} />
      </div>
      <div className="h-7" />
    </>
  );
}

function Waiting({ answer }: { answer: Answer }) {
  return (
    <p className="flex h-7 items-center gap-2 text-sm text-muted">
      <span className="size-2 animate-pulse rounded-full bg-accent" />
      {answer.state === 'queued'
        ? 'Waits for another answer to end …'
        : answer.model === null
          ? 'Asking …'
          : `${answer.model} reads …`}
    </p>
  );
}

function StreamingFigures({ answer }: { answer: Answer }) {
  const figures = figuresOf(answer);
  return <FiguresLine {...figures} costUsd={null} />;
}

/** To the budgets, for whoever may see them. */
function ToLimits() {
  const { can } = useMe();
  if (can['limits.read'] !== true) return null;
  return (
    <Link to="/limits" className={buttonClass('secondary', 'small')}>
      See the limits
    </Link>
  );
}

const endings: Record<string, { label: string; why: string }> = {
  length: {
    label: 'Cut at the limit',
    why: 'The answer reached “most tokens” or the end of the model’s context. Raise the limit, or ask it to go on.',
  },
  stopped: { label: 'Stopped', why: 'You stopped it. What was generated is kept and counted.' },
  cut: {
    label: 'Interrupted',
    why: 'The page was closed or reloaded while the answer came. Retry asks again.',
  },
  content_filter: { label: 'Filtered', why: 'A filter ended the answer.' },
};

/** How an answer ended, when not by itself; a press says why. */
function Ending({ label, why }: { label: string; why: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        title={why}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="rounded-md hover:underline"
      >
        <Badge tone="warning">{label}</Badge>
      </button>
      {open && <p className="w-full pt-1 text-xs text-muted">{why}</p>}
    </>
  );
}

export interface AnswerViewProps {
  message: Message;
  store: ConversationStore;
  /** Every message, for the versions of this one. */
  messages: readonly Message[];
  model: string | null;
  showTokens: boolean;
  busy: boolean;
}

/** An answer that is there. */
export function AnswerView({ message, store, messages, model, showTokens, busy }: AnswerViewProps) {
  const [editing, setEditing] = useState(false);
  const text = textOf(message);
  const { metrics, error, tool_calls: calls } = message;
  const logprobs = store.logprobs.get(message.id);
  const ending = metrics?.finish_reason == null ? undefined : endings[metrics.finish_reason];
  const retry = () => {
    if (model !== null) store.answer(message.parent_id, model);
  };
  if (editing) {
    return (
      <MessageEditor
        text={text}
        action="Save as a version"
        onCancel={() => setEditing(false)}
        onSave={(next) => {
          setEditing(false);
          if (model !== null) store.edit(message, next, model);
        }}
      />
    );
  }
  return (
    <>
      <div className="flex min-h-7 flex-col gap-3">
        {showTokens && logprobs ? (
          <TokenColours logprobs={logprobs} />
        ) : (
          text !== '' && <ModelText text={text} />
        )}
        {calls && calls.length > 0 && <ToolCalls calls={calls} />}
        {error && (
          <div
            role="alert"
            className="flex flex-wrap items-center gap-3 rounded-lg bg-danger-soft px-3 py-2 text-sm"
          >
            <p className="min-w-0 flex-1 basis-48 wrap-anywhere text-danger">{error.message}</p>
            {error.code === 'insufficient_quota' && <ToLimits />}
            <Button size="small" onClick={retry} disabled={busy || model === null}>
              Retry
            </Button>
          </div>
        )}
      </div>
      <div
        className={
          error && metrics?.time_to_first_token_ms == null
            ? 'hidden'
            : 'mt-2 flex flex-wrap items-center gap-x-4'
        }
      >
        <FiguresLine
          timeToFirstTokenMs={metrics?.time_to_first_token_ms}
          tokensPerSecond={metrics?.tokens_per_second}
          promptTokens={metrics?.usage?.prompt_tokens}
          completionTokens={metrics?.usage?.completion_tokens}
          costUsd={metrics?.cost_usd == null ? null : Number(metrics.cost_usd)}
        />
        {ending && <Ending {...ending} />}
      </div>
      <MessageActions
        {...{ message, store, messages, text, busy }}
        noun="answer"
        onEdit={busy ? null : () => setEditing(true)}
        // Beside what went wrong stands its own.
        {...(error ? {} : { onRetry: busy || model === null ? null : retry })}
      />
    </>
  );
}
