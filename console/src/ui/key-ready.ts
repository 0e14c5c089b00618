import type { ReactNode } from 'react';
import type { DialogResult } from './form-dialog.tsx';

/** What a dialog says of a key that was just made. @param content shows it. */
export function keyReady(name: string, content: ReactNode): DialogResult {
  return {
    title: `${name} is ready`,
    description: 'Copy the key now: only its fingerprint is kept, so it can’t be shown again.',
    action: 'I have copied it',
    content,
  };
}
