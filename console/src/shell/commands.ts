import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { createSignal } from '../signal.ts';

/** Something that ⌘K offers. */
export interface Command {
  id: string;
  label: string;
  /** Heading that it stands under. */
  group: string;
  icon?: ReactNode;
  /** Keys that do it too, as `Kbd` writes them. */
  keys?: string;
  /** More words that find it. */
  words?: string;
  run: () => void;
}

const byOwner = new Map<string, Command[]>();

/** What pages offer while they are open. */
export const pageCommands = createSignal<Command[]>([]);

/** Offers commands in ⌘K while the component is there: those of its last render. */
export function useCommands(owner: string, commands: Command[]): void {
  useEffect(() => {
    byOwner.set(owner, commands);
    pageCommands.set([...byOwner.values()].flat());
    return () => {
      byOwner.delete(owner);
      pageCommands.set([...byOwner.values()].flat());
    };
  }, [owner, commands]);
}
