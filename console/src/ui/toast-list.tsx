import { Toast as Base } from '@base-ui/react/toast';
import { useEffect } from 'react';
import type { Signal } from '../signal.ts';
import { useSignal } from '../signal.ts';
import { CloseIcon } from './icons.tsx';
import type { ToastFields } from './toast.tsx';

const manager = Base.createToastManager();

function show({ title, description, tone = 'neutral', action }: ToastFields): void {
  const id = manager.add({
    title,
    description,
    type: tone,
    priority: tone === 'danger' ? 'high' : 'low',
    timeout: action || tone === 'danger' ? 8000 : 4000,
    ...(action && {
      actionProps: {
        children: action.label,
        onClick: () => {
          manager.close(id);
          action.onClick();
        },
      },
    }),
  });
}

/** The toasts that are seen; shows those that wait. */
export function ToastList({ waiting }: { waiting: Signal<readonly ToastFields[]> }) {
  const fresh = useSignal(waiting);
  useEffect(() => {
    if (fresh.length === 0) return;
    waiting.set([]);
    for (const fields of fresh) show(fields);
  }, [fresh, waiting]);
  return (
    <Base.Provider toastManager={manager} limit={3}>
      <Base.Portal>
        <Base.Viewport className="fixed top-3 right-3 left-3 z-50 flex flex-col gap-2 sm:left-auto sm:w-90 md:top-auto md:right-4 md:bottom-4 md:flex-col-reverse">
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function List() {
  const { toasts } = Base.useToastManager();
  return toasts.map((each) => (
    <Base.Root
      key={each.id}
      toast={each}
      swipeDirection="right"
      className="popup data-ending-style:opacity-0 data-starting-style:translate-y-2 data-starting-style:opacity-0"
    >
      <Base.Content className="flex items-start gap-3 py-2.5 pr-2 pl-4 text-sm">
        <div className="min-w-0 flex-1 py-1">
          <Base.Title className={each.type === 'danger' ? 'font-medium text-danger' : 'font-medium'} />
          <Base.Description className="text-muted" />
        </div>
        <Base.Action className="h-7 rounded-md px-2 text-xs font-medium text-accent hover:bg-hover" />
        <Base.Close
          aria-label="Dismiss"
          className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink"
        >
          <CloseIcon className="size-3.5" />
        </Base.Close>
      </Base.Content>
    </Base.Root>
  ));
}
