import { Link } from '@tanstack/react-router';
import { HistoryDialog, historyLinkClass } from '../../documents/history-dialog.tsx';
import { deleteComparison, listComparisons } from './comparison-api.ts';

export interface ComparisonHistoryProps {
  onClose: () => void;
  /** A comparison was deleted: the one that is open, perhaps. */
  onDeleted: (id: string) => void;
}

export default function ComparisonHistory({ onClose, onDeleted }: ComparisonHistoryProps) {
  return (
    <HistoryDialog
      onClose={onClose}
      noun="comparisons"
      searched="prompts and answers"
      empty="What you run is kept here by itself."
      list={listComparisons}
      remove={deleteComparison}
      onRemoved={onDeleted}
      link={({ id }, children) => (
        <Link
          to="/compare/$comparisonId"
          params={{ comparisonId: id }}
          onClick={onClose}
          className={historyLinkClass}
        >
          {children}
        </Link>
      )}
      detail={({ contestant_count: count, models }) => `${count} contestants · ${models.join(', ')}`}
    />
  );
}
