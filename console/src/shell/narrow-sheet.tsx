import { Link } from '@tanstack/react-router';
import { Dialog } from '../ui/dialog.tsx';
import { DocsLink } from './docs-link.tsx';
import type { NavigationItem } from './navigation.ts';
import { ProjectSwitcher } from './project-switcher.tsx';
import { UserMenu } from './user-menu.tsx';

export interface NarrowSheetProps {
  items: readonly NavigationItem[];
  onClose: () => void;
  onSignOut: () => void;
}

/** What the bar of a narrow screen has no room for: more pages, the project, the member. */
export default function NarrowSheet({ items, onClose, onSignOut }: NarrowSheetProps) {
  return (
    <Dialog open onOpenChange={onClose} title="WeAI">
      <div className="flex flex-col gap-3">
        <ProjectSwitcher />
        <ul className="grid grid-cols-2 gap-1">
          {items.map(({ to, label, icon: Icon }) => (
            <li key={to}>
              <Link
                to={to}
                onClick={onClose}
                className="flex h-11 items-center gap-3 rounded-lg px-3 text-sm hover:bg-hover aria-[current=page]:bg-hover"
              >
                <Icon className="size-5 text-muted" />
                {label}
              </Link>
            </li>
          ))}
        </ul>
        <div className="flex flex-col gap-1 border-t pt-2">
          <DocsLink className="h-11 gap-3 px-3 text-muted [&>svg:first-child]:size-5" />
          <UserMenu onSignOut={onSignOut} />
        </div>
      </div>
    </Dialog>
  );
}
