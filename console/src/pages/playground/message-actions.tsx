import type { ReactNode } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { ChevronLeftIcon, ChevronRightIcon } from '../../ui/icons.tsx';
import type { Message } from './conversation-tree.ts';

export interface BranchSwitchProps {
  siblings: readonly Message[];
  id: string;
  onShow: (id: string) => void;
}

/** ‹ 2/3 ›: the other versions of a message. */
export function BranchSwitch({ siblings, id, onShow }: BranchSwitchProps) {
  const index = siblings.findIndex((each) => each.id === id);
  if (siblings.length < 2) return null;
  const go = (step: number) => {
    const next = siblings[index + step];
    if (next) onShow(next.id);
  };
  return (
    <div role="group" aria-label="Versions" className="flex items-center text-xs text-muted tabular">
      <IconButton size="small" label="Version before" disabled={index === 0} onClick={() => go(-1)}>
        <ChevronLeftIcon className="size-3.5" />
      </IconButton>
      <span aria-label={`Version ${index + 1} of ${siblings.length}`}>
        {index + 1}/{siblings.length}
      </span>
      <IconButton
        size="small"
        label="Version after"
        disabled={index === siblings.length - 1}
        onClick={() => go(1)}
      >
        <ChevronRightIcon className="size-3.5" />
      </IconButton>
    </div>
  );
}

/** What can be done with a message: seen on hover and focus, always where there is no hover; its room is always there. */
export function MessageActions({ children }: { children: ReactNode }) {
  return (
    <div className="-ml-1.5 flex h-7 items-center opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 group-data-last/message:opacity-100 [@media(hover:none)]:opacity-100">
      {children}
    </div>
  );
}
