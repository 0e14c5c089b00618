import { QueryClient } from '@tanstack/react-query';
import { followConnection } from './connection.ts';
import { ApiFailure } from './failure.ts';
import { chosenProjectId } from './project.ts';

/** What was read from the API, and how long it counts as fresh. What the API refused is not asked again. */
export const queries = new QueryClient({
  defaultOptions: {
    // Without a network it fails at once and says so: what waits for it in silence looks as if it never ends.
    queries: {
      networkMode: 'always',
      staleTime: 15_000,
      retry: (failures, error) => !(error instanceof ApiFailure && error.status < 500) && failures < 2,
      retryDelay: (failures) => 400 * 2 ** failures,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

followConnection(() => void queries.refetchQueries({ type: 'active' }));
// Who is signed in stays the same, and the pages need it at every moment.
chosenProjectId.subscribe(
  () => void queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' }),
);
