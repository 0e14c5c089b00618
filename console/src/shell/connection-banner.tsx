import { connection } from '../api/connection.ts';
import { useSignal } from '../signal.ts';
import { OfflineIcon } from '../ui/icons.tsx';

/** Says that the server is out of reach, for as long as it is. */
export function ConnectionBanner() {
  const state = useSignal(connection);
  if (state === 'online') return null;
  return (
    <div
      role="status"
      className="flex items-center justify-center gap-2 bg-warning-soft px-4 py-1.5 text-center text-xs font-medium text-warning"
    >
      <OfflineIcon />
      {state === 'offline'
        ? 'This device is offline. What you write is kept; it goes on when the network is back.'
        : 'The server can’t be reached. Trying again every few seconds.'}
    </div>
  );
}
