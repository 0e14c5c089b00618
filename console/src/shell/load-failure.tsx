import { useRouter } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Unreachable } from '../api/failure.ts';
import { Button } from '../ui/button.tsx';
import { OfflineIcon } from '../ui/icons.tsx';
import { EmptyState, ErrorState } from '../ui/states.tsx';

/** A page or the whole console could not be loaded. */
export function LoadFailure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  // A page's code that is gone: the server was updated since this tab was opened.
  const outdated = error instanceof Error && /dynamically imported module|error loading/i.test(error.message);
  if (outdated) {
    return (
      <EmptyState
        title="The console was updated"
        action={
          <Button variant="primary" onClick={() => location.reload()}>
            Load the new version
          </Button>
        }
      >
        This tab still has the version before it.
      </EmptyState>
    );
  }
  if (error instanceof Unreachable) {
    return (
      <EmptyState
        icon={<OfflineIcon className="size-6" />}
        title="The server can’t be reached"
        action={
          <Button variant="primary" onClick={retry}>
            Try again
          </Button>
        }
      >
        Check that it is running (<code className="font-mono">make start</code>) and that this device is
        online.
      </EmptyState>
    );
  }
  return <ErrorState error={error} onRetry={retry} />;
}
