import type { ReactNode } from 'react';

export interface PageProps {
  title: string;
  /** What the page is for, in a sentence. */
  description?: ReactNode;
  /** Beside the title; the main action last. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page that scrolls as a whole: title, actions, content. */
export function Page({ title, description, actions, children }: PageProps) {
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <header className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 sm:items-start sm:gap-x-6">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {actions !== undefined && (
          <div className="flex flex-wrap justify-end gap-2 sm:row-span-2">{actions}</div>
        )}
        {description !== undefined && (
          <p className="col-span-2 max-w-2xl text-sm text-pretty text-muted sm:col-span-1 sm:row-start-2">
            {description}
          </p>
        )}
      </header>
      {children}
    </div>
  );
}
