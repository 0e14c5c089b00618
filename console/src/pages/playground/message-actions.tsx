import { IconButton } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ChevronLeftIcon, ChevronRightIcon, EditIcon, RetryIcon, TrashIcon } from '../../ui/icons.tsx';
import type { ConversationStore } from './conversation-store.ts';
import { siblingsOf, type Message } from './conversation-tree.ts';

interface BranchSwitchProps {
  siblings: readonly Message[];
  id: string;
  onShow: (id: string) => void;
}

/** ‹ 2/3 ›: the other versions of a message. */
function BranchSwitch({ siblings, id, onShow }: BranchSwitchProps) {
  const index = siblings.findIndex((each) => each.id === id);
  if (siblings.length < 2) return null;
  const go = (step: number) => {
    const next = siblings[index + step];
    if (next) onShow(next.id);
  };
  return (
    <div role="group" aria-label="Versions" className="flex items-center text-xs text-muted tabular">
      <IconButton size="small" label="Version before" disabled={index === 0} onClick={() => go(-1)}>
        <ChevronLeftIcon className="size-3.5" />
      </IconButton>
      <span aria-label={`Version ${index + 1} of ${siblings.length}`}>
        {index + 1}/{siblings.length}
      </span>
      <IconButton
        size="small"
        label="Version after"
        disabled={index === siblings.length - 1}
        onClick={() => go(1)}
      >
        <ChevronRightIcon className="size-3.5" />
      </IconButton>
    </div>
  );
}

export interface MessageActionsProps {
  message: Message;
  store: ConversationStore;
  /** Every message, for the versions of this one. */
  messages: readonly Message[];
  /** What it is called: "answer", "message". */
  noun: string;
  text: string;
  /** An answer is on its way, so that nothing is changed. */
  busy: boolean;
  /** Null where it can't be edited now. */
  onEdit: (() => void) | null;
  /** Null where it can't be asked again now; left out for what is never asked again. */
  onRetry?: (() => void) | null;
}

/** What can be done with a message: seen on hover and focus, always where there is no hover; its room is always there. */
export function MessageActions(props: MessageActionsProps) {
  const { message, store, messages, noun, text, busy, onEdit, onRetry } = props;
  return (
    <div className="-ml-1.5 flex h-7 items-center opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 group-data-last/message:opacity-100 [@media(hover:none)]:opacity-100">
      {text !== '' && <CopyButton text={text} label={`Copy ${noun}`} />}
      {onRetry !== undefined && (
        <IconButton size="small" label="Retry" onClick={() => onRetry?.()} disabled={onRetry === null}>
          <RetryIcon className="size-3.5" />
        </IconButton>
      )}
      <IconButton size="small" label={`Edit ${noun}`} onClick={() => onEdit?.()} disabled={onEdit === null}>
        <EditIcon className="size-3.5" />
      </IconButton>
      <IconButton
        size="small"
        label={`Delete ${noun}`}
        onClick={() => store.remove(message.id)}
        disabled={busy}
      >
        <TrashIcon className="size-3.5" />
      </IconButton>
      <BranchSwitch
        siblings={siblingsOf(messages, message)}
        id={message.id}
        onShow={(id) => store.show(id)}
      />
    </div>
  );
}
