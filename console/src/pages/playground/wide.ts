import { useSyncExternalStore } from 'react';

const wide = matchMedia('(min-width: 1100px)');

function subscribe(listener: () => void): () => void {
  wide.addEventListener('change', listener);
  return () => wide.removeEventListener('change', listener);
}

/** Whether there is room for the settings beside the conversation. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => wide.matches);
}
