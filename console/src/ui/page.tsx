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
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          {description !== undefined && <p className="mt-1 max-w-2xl text-sm text-muted">{description}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
