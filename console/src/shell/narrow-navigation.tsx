import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { MenuIcon } from '../ui/icons.tsx';
import type { navigation } from './navigation.ts';
import { ProjectSwitcher } from './project-switcher.tsx';
import { UserMenu } from './user-menu.tsx';

const barItem =
  'flex min-w-0 flex-1 flex-col items-center gap-0.5 py-1.5 text-2xs text-muted aria-[current=page]:text-accent';

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
  return (
    <nav aria-label="Pages" className="flex border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden">
      {items.slice(0, 4).map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} className={barItem}>
          <Icon className="size-5" />
          {label}
        </Link>
      ))}
      <button type="button" className={barItem} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <MenuIcon className="size-5" />
        More
      </button>
      <Dialog open={open} onOpenChange={setOpen} title="WeAI">
        <div className="flex flex-col gap-3">
          <ProjectSwitcher />
          <ul className="grid grid-cols-2 gap-1">
            {items.slice(4).map(({ to, label, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  onClick={() => setOpen(false)}
                  className="flex h-11 items-center gap-3 rounded-lg px-3 text-sm hover:bg-hover aria-[current=page]:bg-hover"
                >
                  <Icon className="size-5 text-muted" />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
          <div className="border-t pt-2">
            <UserMenu onSignOut={onSignOut} />
          </div>
        </div>
      </Dialog>
    </nav>
  );
}
