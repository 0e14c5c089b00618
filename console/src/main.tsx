import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Unreachable } from './api/failure.ts';
import { App } from './app.tsx';
import { router } from './routes.tsx';
import { followTheme } from './theme.ts';
import './styles.css';

/** Longer than that nobody looks at an empty page. */
const momentMs = 300;

followTheme();
const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');

// What fails is told by the load below.
const [routes] = router.getMatchedRoutes(location.pathname);
for (const route of routes) router.loadRouteChunk(route)?.catch(() => undefined);

const app = createRoot(root, {
  // That there is no network is said on the page.
  onCaughtError: (error) => {
    if (!(error instanceof Unreachable)) console.error(error);
  },
});
const draw = () =>
  app.render(
    <StrictMode>
      <App />
    </StrictMode>,
  );

// The page's code is loaded while it is asked who is signed in, and nothing is drawn before both are there: React would keep what
// it shows meanwhile for 300 ms. Where they take longer than a moment, that is shown.
const moment = setTimeout(draw, momentMs);
router.load().then(
  () => {
    clearTimeout(moment);
    draw();
    return undefined;
  },
  (error: unknown) => console.error(error),
);
