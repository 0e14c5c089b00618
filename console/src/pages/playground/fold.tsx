import type { ReactNode } from 'react';
import { ChevronDownIcon } from '../../ui/icons.tsx';

export interface FoldProps {
  title: string;
  /** What is inside, in a word or two. */
  aside: string;
  open?: boolean;
  onToggle?: (open: boolean) => void;
  children: ReactNode;
}

/** Settings that are folded away until they are wanted. */
export function Fold({ title, aside, open, onToggle, children }: FoldProps) {
  return (
    <details
      className="group"
      open={open}
      onToggle={onToggle && ((event) => onToggle(event.currentTarget.open))}
    >
      <summary className="flex min-h-6 items-center gap-2 rounded-md text-sm font-medium">
        <span className="flex-1">{title}</span>
        <span className="min-w-0 truncate text-xs font-normal text-muted">{aside}</span>
        <ChevronDownIcon className="size-3.5 shrink-0 text-muted group-open:rotate-180" />
      </summary>
      {children}
    </details>
  );
}
