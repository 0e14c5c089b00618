import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { ApiFailure } from './api/failure.ts';
import { queries } from './api/queries.ts';
import { meQuery } from './api/session.ts';
import { auditSearch } from './pages/audit/search.ts';
import { logSearch } from './pages/logs/search.ts';
import { prefetchUsage } from './pages/usage/queries.ts';
import { usageSearch } from './pages/usage/search.ts';
import { LoadFailure } from './shell/load-failure.tsx';
import { loadedPage } from './shell/load-page.ts';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { Starting } from './shell/starting.tsx';

// Every address of the console. Pages below the shell need a signed-in member and load when they are first opened;
// their first path segment is in paths.ts too, which the server reads.

/** Text parameters of an address, as far as they are there. */
function searchTexts<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): { [Key in Name]?: string } => {
    const texts: { [Key in Name]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' || typeof value === 'number') texts[name] = String(value);
    }
    return texts;
  };
}

const root = createRootRoute({ notFoundComponent: NotFound, errorComponent: LoadFailure });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: searchTexts('next', 'error'),
  component: loadedPage(() => import('./pages/sign-in/page.tsx')),
});
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  validateSearch: searchTexts('token'),
  component: loadedPage(() => import('./pages/welcome/page.tsx')),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  validateSearch: searchTexts('token'),
  component: loadedPage(() => import('./pages/invite/page.tsx')),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  pendingComponent: Starting,
  errorComponent: LoadFailure,
  beforeLoad: async ({ location }) => {
    try {
      await queries.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status !== 401) throw error;
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    }
  },
});
const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/playground', replace: true });
  },
});
const playground = createRoute({
  getParentRoute: () => shell,
  path: '/playground',
  validateSearch: searchTexts('model'),
  component: loadedPage(() => import('./pages/playground/page.tsx')),
});
// The page above stays when a conversation gets its address: nothing is drawn anew while its first answer comes.
const conversation = createRoute({
  getParentRoute: () => playground,
  path: '$conversationId',
  component: () => null,
});
const compare = createRoute({
  getParentRoute: () => shell,
  path: '/compare',
  component: loadedPage(() => import('./pages/compare/page.tsx')),
});
// As the conversation's: the page above stays when a comparison gets its address.
const comparison = createRoute({
  getParentRoute: () => compare,
  path: '$comparisonId',
  component: () => null,
});
const models = createRoute({
  getParentRoute: () => shell,
  path: '/models',
  validateSearch: searchTexts('model'),
  component: loadedPage(() => import('./pages/models/page.tsx')),
});
const usage = createRoute({
  getParentRoute: () => shell,
  path: '/usage',
  validateSearch: usageSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => prefetchUsage(queries, deps),
  component: loadedPage(() => import('./pages/usage/page.tsx')),
});
const logs = createRoute({
  getParentRoute: () => shell,
  path: '/logs',
  validateSearch: logSearch,
  component: loadedPage(() => import('./pages/logs/page.tsx')),
});
const keys = createRoute({
  getParentRoute: () => shell,
  path: '/keys',
  component: loadedPage(() => import('./pages/keys/page.tsx')),
});
const projects = createRoute({
  getParentRoute: () => shell,
  path: '/projects',
  validateSearch: searchTexts('project'),
  component: loadedPage(() => import('./pages/projects/page.tsx')),
});
const members = createRoute({
  getParentRoute: () => shell,
  path: '/members',
  component: loadedPage(() => import('./pages/members/page.tsx')),
});
const limits = createRoute({
  getParentRoute: () => shell,
  path: '/limits',
  component: loadedPage(() => import('./pages/limits/page.tsx')),
});
const adminKeys = createRoute({
  getParentRoute: () => shell,
  path: '/admin-keys',
  component: loadedPage(() => import('./pages/admin-keys/page.tsx')),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: auditSearch,
  component: loadedPage(() => import('./pages/audit/page.tsx')),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    welcome,
    invite,
    shell.addChildren([
      home,
      playground.addChildren([conversation]),
      compare.addChildren([comparison]),
      models,
      usage,
      logs,
      keys,
      projects,
      members,
      limits,
      adminKeys,
      audit,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultPendingMs: 300,
  scrollRestoration: true,
  // A page begins at its top. What only changes its address says `resetScroll: false`.
  scrollToTopSelectors: ['#main'],
  defaultErrorComponent: LoadFailure,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
