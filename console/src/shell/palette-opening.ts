import { useLayoutEffect, useState } from 'react';

/** ⌘K from the press on: whether it is open, and what is typed in it. */
export interface PaletteOpening {
  isOpen: boolean;
  typed: string;
  /** Enter was pressed before the palette could take it: it runs what was typed for. */
  isEntered: boolean;
  type: (typed: string) => void;
  /** The palette's field has the focus, and takes the keys itself from here on. */
  take: () => void;
  toggle: () => void;
  close: () => void;
}

const closed = { isOpen: false, isTaken: false, isEntered: false, typed: '' };

/** The palette's code loads when it is first opened: keys that are pressed meanwhile are kept for it, and from the page. */
export function usePaletteOpening(): PaletteOpening {
  const [state, setState] = useState(closed);
  const isWaiting = state.isOpen && !state.isTaken;
  useLayoutEffect(() => {
    if (!isWaiting) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
      const { key } = event;
      if (key.length > 1 && key !== 'Backspace' && key !== 'Enter' && key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      setState((before) => {
        if (key === 'Escape') return closed;
        if (key === 'Enter') return { ...before, isEntered: true };
        return { ...before, typed: key === 'Backspace' ? before.typed.slice(0, -1) : before.typed + key };
      });
    };
    addEventListener('keydown', onKeyDown, { capture: true });
    return () => removeEventListener('keydown', onKeyDown, { capture: true });
  }, [isWaiting]);
  const { isOpen, typed, isEntered } = state;
  return {
    isOpen,
    typed,
    isEntered,
    type: (next) => setState((before) => ({ ...before, typed: next })),
    take: () => setState((before) => ({ ...before, isTaken: true })),
    toggle: () => setState((before) => ({ ...closed, isOpen: !before.isOpen })),
    close: () => setState(closed),
  };
}
