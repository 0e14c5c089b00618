import { Popover as Base } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';

export interface PopoverProps {
  trigger: ReactElement;
  title: string;
  /** Whether what opens it is a <button>. */
  isNativeButton?: boolean;
  children: ReactNode;
}

/** An explanation or a few controls beside what opens them. */
export function Popover({ trigger, title, isNativeButton = true, children }: PopoverProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} nativeButton={isNativeButton} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className="z-50">
          <Base.Popup className="popup max-w-[min(22rem,92vw)] p-4 text-sm data-ending-style:opacity-0 data-starting-style:opacity-0">
            <Base.Title className="mb-1 font-semibold">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
