import { ApiFailure } from '../api/failure.ts';
import { Button } from '../ui/button.tsx';
import { HistoryIcon, PlusIcon } from '../ui/icons.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';

export interface NotOpenedProps {
  /** Why it can't be shown. */
  error: unknown;
  /** "conversation". */
  noun: string;
  /** Title of the page that it belongs to. */
  page: string;
  onRetry: () => void;
  onNew: () => void;
  onHistory: () => void;
}

/** A conversation or comparison that could not be opened: where it is gone there is nothing to try again. */
export function NotOpened({ error, noun, page, onRetry, onNew, onHistory }: NotOpenedProps) {
  const isGone = error instanceof ApiFailure && error.status === 404;
  return (
    <>
      <h1 className="sr-only">{page}</h1>
      {isGone ? <Gone {...{ noun, onNew, onHistory }} /> : <ErrorState error={error} onRetry={onRetry} />}
    </>
  );
}

function Gone({ noun, onNew, onHistory }: Pick<NotOpenedProps, 'noun' | 'onNew' | 'onHistory'>) {
  return (
    <EmptyState
      title={`This ${noun} isn’t here`}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Button onClick={onHistory}>
            <HistoryIcon />
            All {noun}s
          </Button>
          <Button variant="primary" onClick={onNew}>
            <PlusIcon />
            New {noun}
          </Button>
        </div>
      }
    >
      It was deleted, it belongs to another project, or its owner doesn’t share it.
    </EmptyState>
  );
}
