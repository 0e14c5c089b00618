import { useRouter } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { connection } from '../api/connection.ts';
import { Unreachable } from '../api/failure.ts';
import { useSignal } from '../signal.ts';
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
        whole
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
  if (error instanceof Unreachable) return <Away onRetry={retry} />;
  return (
    <EmptyState whole title="This page can’t be shown">
      <ErrorState error={error} onRetry={retry} compact />
    </EmptyState>
  );
}

/** There is no network, or no server; opens the page by itself when that is over. */
function Away({ onRetry }: { onRetry: () => void }) {
  const state = useSignal(connection);
  const goOn = useEffectEvent(onRetry);
  useEffect(
    () =>
      connection.subscribe(() => {
        if (connection.get() === 'online') goOn();
      }),
    [],
  );
  if (state === 'offline')
    return (
      <EmptyState whole icon={<OfflineIcon className="size-6" />} title="This device is offline">
        This page was never open here, so it can’t be shown. It opens by itself when the network is back.
      </EmptyState>
    );
  return (
    <EmptyState
      whole
      icon={<OfflineIcon className="size-6" />}
      title="The server can’t be reached"
      action={
        <Button variant="primary" onClick={onRetry}>
          Try again
        </Button>
      }
    >
      Check that it is running (<code className="font-mono">make start</code>) and that this device is online.
    </EmptyState>
  );
}
