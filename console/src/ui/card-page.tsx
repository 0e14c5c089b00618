import type { ReactNode } from 'react';
import { LogoIcon } from './icons.tsx';

export interface CardPageProps {
  title: string;
  description?: ReactNode;
  children?: ReactNode;
}

/** A page with one thing to do, before one is signed in. */
export function CardPage({ title, description, children }: CardPageProps) {
  return (
    <main className="flex min-h-full items-start justify-center px-4 py-[10vh]">
      <div className="w-full max-w-sm">
        <div className="mb-8 flex items-center gap-2 text-base font-semibold tracking-tight">
          <LogoIcon className="size-6 text-accent" />
          WeAI
        </div>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {description !== undefined && <p className="mt-1.5 text-sm text-muted">{description}</p>}
        <div className="mt-6">{children}</div>
      </div>
    </main>
  );
}
