import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { lazyPart } from '../lazy-part.tsx';
import { MenuIcon } from '../ui/icons.tsx';
import type { navigation } from './navigation.ts';

const NarrowSheet = lazyPart(() => import('./narrow-sheet.tsx'));

const barItems = 4;

const barItem =
  'flex min-w-0 flex-1 flex-col items-center gap-0.5 py-1.5 text-2xs text-muted aria-[current=page]:text-accent aria-[current=true]:text-accent';

/** The pages on a narrow screen: the most used in a bar below, the rest in a sheet. */
export function NarrowNavigation({
  sections,
  onSignOut,
}: {
  sections: typeof navigation;
  onSignOut: () => void;
}) {
  const [open, setOpen] = useState(false);
  const items = sections.flatMap((section) => section.items);
  const { pathname } = useLocation();
  const isInSheet = items.slice(barItems).some(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
  return (
    <nav aria-label="Pages" className="flex border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden">
      {items.slice(0, barItems).map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} className={barItem}>
          <Icon className="size-5" />
          {label}
        </Link>
      ))}
      <button
        type="button"
        className={barItem}
        aria-haspopup="dialog"
        aria-current={isInSheet ? 'true' : undefined}
        onClick={() => setOpen(true)}
      >
        <MenuIcon className="size-5" />
        More
      </button>
      {open && (
        <NarrowSheet items={items.slice(barItems)} onClose={() => setOpen(false)} onSignOut={onSignOut} />
      )}
    </nav>
  );
}
