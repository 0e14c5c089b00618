import { Link } from '@tanstack/react-router';
import { HistoryDialog, historyLinkClass } from '../../documents/history-dialog.tsx';
import { deleteConversation, listConversations } from './conversation-api.ts';
import { forgetConversation } from './open-conversation.ts';

export interface ConversationHistoryProps {
  onClose: () => void;
  /** A conversation was deleted: the one that is shown, perhaps. */
  onDeleted: (id: string) => void;
}

export default function ConversationHistory({ onClose, onDeleted }: ConversationHistoryProps) {
  return (
    <HistoryDialog
      onClose={onClose}
      noun="conversations"
      searched="titles and texts"
      empty="What you ask is saved here by itself."
      list={listConversations}
      remove={deleteConversation}
      onRemoved={(id) => {
        forgetConversation(id);
        onDeleted(id);
      }}
      link={({ id }, children) => (
        <Link
          to="/playground/$conversationId"
          params={{ conversationId: id }}
          onClick={onClose}
          className={historyLinkClass}
        >
          {children}
        </Link>
      )}
      detail={({ models }) => models.join(', ') || 'no answer yet'}
    />
  );
}
