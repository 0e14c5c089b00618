import { createSignal, useSignal } from '../signal.ts';
import { usePopups } from './on-demand.ts';

export interface ToastFields {
  title: string;
  description?: string;
  tone?: 'neutral' | 'danger';
  action?: { label: string; onClick: () => void };
}

/** Not seen yet. */
const waiting = createSignal<readonly ToastFields[]>([]);

/** Says that something happened, for a few seconds. An error that needs an action belongs where it arose, not here. */
export function toast(fields: ToastFields): void {
  waiting.set([...waiting.get(), fields]);
}

/** Where toasts appear: once, at the root. */
export function Toasts() {
  const popups = usePopups(useSignal(waiting).length > 0);
  return popups && <popups.ToastList waiting={waiting} />;
}
