import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { lazyModule } from '../lazy-module.ts';
import { createSignal, useSignal } from '../signal.ts';

/** Whether the person has done anything yet: what opens above the page is loaded then, not before the page is seen. */
const touched = createSignal(false);
const gestures = ['pointermove', 'pointerdown', 'keydown'] as const;
const touch = () => {
  touched.set(true);
  for (const gesture of gestures) removeEventListener(gesture, touch);
};
for (const gesture of gestures) addEventListener(gesture, touch, { passive: true });

const useModule = lazyModule(() => import('./popups.ts'));

/** What opens above the page, once it has loaded; null until then. Loads at the first touch, or when it is wanted. */
export function usePopups(wanted = false) {
  const isTouched = useSignal(touched);
  return useModule(wanted || isTouched);
}

/**
 * For a control that opens something above the page: until its first press only its button is there, `button` being what
 * makes it open; then `popups` is what to put in the button's place, open at first.
 */
export function useOnDemand() {
  const [pressed, setPressed] = useState(false);
  const loaded = usePopups(pressed);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    setPressed(true);
  };
  return {
    // Not before it is pressed: it may have the focus, or be half pressed.
    popups: pressed ? loaded : null,
    button: { onClick: () => setPressed(true), onKeyDown, 'aria-expanded': false as const },
  };
}
