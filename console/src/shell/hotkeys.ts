import { useEffect, useEffectEvent } from 'react';

/** A key combination: "mod+k", "Escape", "mod+shift+c"; `mod` is ⌘ or Ctrl. */
export function useHotkey(keys: string, action: (event: KeyboardEvent) => void, enabled = true): void {
  const run = useEffectEvent(action);
  useEffect(() => {
    if (!enabled) return undefined;
    const parts = keys.toLowerCase().split('+');
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key.toLowerCase() !== parts.at(-1)) return;
      if ((event.metaKey || event.ctrlKey) !== parts.includes('mod')) return;
      if (event.shiftKey !== parts.includes('shift') || event.altKey !== parts.includes('alt')) return;
      run(event);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [keys, enabled]);
}
