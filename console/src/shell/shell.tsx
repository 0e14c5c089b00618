import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { sessionExpired } from '../api/connection.ts';
import { chosenProjectId } from '../api/project.ts';
import { signOut, useMe } from '../api/session.ts';
import { lazyPart } from '../lazy-part.tsx';
import { useSignal } from '../signal.ts';
import { theme } from '../theme.ts';
import { DocsIcon, LogoIcon, MoonIcon, ProjectsIcon, SearchIcon, SignOutIcon } from '../ui/icons.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { toast } from '../ui/toast.tsx';
import type { Command } from './commands.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { DocsLink, docsAddress } from './docs-link.tsx';
import { useHotkey } from './hotkeys.ts';
import { visibleNavigation } from './navigation.ts';
import { NarrowNavigation } from './narrow-navigation.tsx';
import { usePaletteOpening } from './palette-opening.ts';
import { ProjectSwitcher } from './project-switcher.tsx';
import { UserMenu } from './user-menu.tsx';

const Palette = lazyPart(() => import('./palette.tsx'));
const ExpiredSession = lazyPart(() => import('./expired-session.tsx'));

/** What surrounds every page of a signed-in member. */
export function Shell() {
  const me = useMe();
  const sections = useMemo(() => visibleNavigation(me.can), [me.can]);
  const expired = useSignal(sessionExpired);
  const palette = usePaletteOpening();
  const leave = useSignOut();
  const commands = useShellCommands(leave);
  useHotkey('mod+k', (event) => {
    event.preventDefault();
    palette.toggle();
  });

  return (
    <div className="flex h-full flex-col">
      <a
        href="#main"
        className="absolute -top-20 left-2 z-50 rounded-md bg-accent px-3 py-2 text-sm text-on-accent focus:top-2"
      >
        Skip to the page
      </a>
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        <div className="hidden w-56 shrink-0 flex-col border-r bg-canvas md:flex">
          <header className="flex flex-col gap-2 px-3 pt-4 pb-2">
            <Link
              to="/playground"
              className="flex items-center gap-2 rounded-md px-2 py-0.5 font-semibold tracking-tight"
            >
              <LogoIcon className="size-5 text-accent" />
              WeAI
            </Link>
            <ProjectSwitcher />
            <button
              type="button"
              onClick={palette.toggle}
              className="flex h-8 items-center gap-2 rounded-lg border bg-surface px-2 text-xs text-muted hover:bg-hover"
            >
              <SearchIcon className="size-3.5" />
              <span className="flex-1 text-left">Go to …</span>
              <Kbd keys="mod K" />
            </button>
          </header>
          <nav aria-label="Pages" className="flex min-h-0 flex-1 flex-col overflow-y-auto px-3 py-1">
            {sections.map(({ title, items }) => (
              <div key={title ?? 'main'} className="mb-3">
                {title !== null && <p className="px-2 pt-2 pb-1 text-xs text-muted">{title}</p>}
                <ul>
                  {items.map(({ to, label, icon: Icon }) => (
                    <li key={to}>
                      <Link
                        to={to}
                        className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink"
                      >
                        <Icon />
                        {label}
                      </Link>
                    </li>
                  ))}
                </ul>
              </div>
            ))}
            <DocsLink className="mt-auto min-h-8 gap-2.5 px-2 text-muted" />
          </nav>
          <div className="border-t p-2">
            <UserMenu onSignOut={leave} />
          </div>
        </div>
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 overflow-y-auto outline-none">
          <Outlet />
        </main>
      </div>
      <NarrowNavigation sections={sections} onSignOut={leave} />
      {expired && <ExpiredSession />}
      {palette.isOpen && <Palette opening={palette} commands={commands} />}
    </div>
  );
}

function useSignOut(): () => void {
  const navigate = useNavigate();
  return () => {
    signOut().then(
      () => navigate({ to: '/sign-in' }),
      (error: unknown) =>
        toast({
          title: 'You are still signed in',
          description: error instanceof Error ? error.message : '',
          tone: 'danger',
        }),
    );
  };
}

function useShellCommands(leave: () => void): Command[] {
  const me = useMe();
  const navigate = useNavigate();
  const pages = visibleNavigation(me.can)
    .flatMap(({ items }) => items)
    .map(({ to, label, icon: Icon }) => ({
      id: to,
      label,
      group: 'Pages',
      icon: <Icon />,
      run: () => void navigate({ to }),
    }));
  const projects = me.projects.map(({ id, name }) => ({
    id,
    label: `Switch to ${name}`,
    group: 'Projects',
    icon: <ProjectsIcon />,
    run: () => chosenProjectId.set(id),
  }));
  const themes = (['light', 'dark', 'system'] as const).map((choice) => ({
    id: `theme-${choice}`,
    label: `Theme: ${choice}`,
    group: 'Appearance',
    icon: <MoonIcon />,
    run: () => theme.set(choice),
  }));
  const docs = {
    id: 'docs',
    label: 'Documentation',
    group: 'Help',
    icon: <DocsIcon />,
    words: 'docs api reference help',
    run: () => window.open(docsAddress),
  };
  const out = { id: 'sign-out', label: 'Sign out', group: 'Account', icon: <SignOutIcon />, run: leave };
  return [...pages, ...(projects.length > 1 ? projects : []), ...themes, docs, out];
}
