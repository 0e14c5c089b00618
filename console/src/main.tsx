import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Unreachable } from './api/failure.ts';
import { App } from './app.tsx';
import { followTheme } from './theme.ts';
import './styles.css';

followTheme();
const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root, {
  // That there is no network is said on the page.
  onCaughtError: (error) => {
    if (!(error instanceof Unreachable)) console.error(error);
  },
}).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
