import type { ReactNode } from 'react';
import { Dialog } from '../../ui/dialog.tsx';

/** The settings where there is no room for them beside the conversation. */
export default function SettingsDialog({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <Dialog open onOpenChange={onClose} title="Settings" size="medium">
      {children}
    </Dialog>
  );
}
