import { Dialog as Base } from '@base-ui/react/dialog';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { CloseIcon } from './icons.tsx';

export interface DrawerProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

/** More about one row of a list, beside the list; over it on a narrow screen. Esc closes it. */
export function Drawer({ open, onClose, title, description, aside, children }: DrawerProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root
      open={open}
      modal={false}
      disablePointerDismissal
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Base.Portal>
        <Base.Popup
          ref={popup}
          // It is there to be read: "Close" is the next stop.
          initialFocus={popup}
          className="fixed inset-y-0 right-0 z-30 flex w-full flex-col border-l bg-surface shadow-2xl outline-none transition-transform duration-150 data-ending-style:translate-x-full data-starting-style:translate-x-full sm:max-w-lg"
        >
          <div className="flex items-start justify-between gap-3 border-b px-5 py-3.5">
            <div className="min-w-0">
              <div className="flex min-w-0 items-center gap-2">
                <Base.Title className="truncate text-base font-semibold tracking-tight">{title}</Base.Title>
                {aside}
              </div>
              {description !== undefined && (
                <Base.Description render={<div />} className="mt-0.5 text-xs text-muted">
                  {description}
                </Base.Description>
              )}
            </div>
            <Base.Close
              aria-label="Close"
              className="-mr-2 inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink"
            >
              <CloseIcon />
            </Base.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
