import { useState } from 'react';
import type { ConversationStore } from './conversation-store.ts';
import { contentOf, imagesOf, textOf, type Message } from './conversation-tree.ts';
import { MessageActions } from './message-actions.tsx';
import { MessageEditor } from './message-editor.tsx';

export interface QuestionViewProps {
  message: Message;
  store: ConversationStore;
  messages: readonly Message[];
  model: string | null;
  busy: boolean;
}

/** What a person wrote, or a tool returned: as it is, not as Markdown. */
export function QuestionView({ message, store, messages, model, busy }: QuestionViewProps) {
  const [editing, setEditing] = useState(false);
  const text = textOf(message);
  const images = imagesOf(message);
  if (editing) {
    return (
      <MessageEditor
        text={text}
        action="Send"
        onCancel={() => setEditing(false)}
        onSave={(next) => {
          setEditing(false);
          if (model !== null) store.edit(message, contentOf(next, images), model);
        }}
      />
    );
  }
  return (
    <>
      {images.length > 0 && (
        <div className="mb-2 flex flex-wrap items-start gap-2">
          {images.map((url) => (
            <img key={url} src={url} alt="Attached" className="max-h-40 rounded-lg border" />
          ))}
        </div>
      )}
      <p
        className={
          message.role === 'tool'
            ? 'font-mono text-xs wrap-anywhere whitespace-pre-wrap'
            : 'leading-[1.65] wrap-anywhere whitespace-pre-wrap'
        }
      >
        {text}
      </p>
      <MessageActions
        {...{ message, store, messages, text, busy }}
        noun="message"
        onEdit={busy || model === null ? null : () => setEditing(true)}
      />
    </>
  );
}
