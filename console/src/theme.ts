import { createSignal } from './signal.ts';
import { readStored, writeStored } from './stored.ts';

export type Theme = 'light' | 'dark' | 'system';

function storedTheme(): Theme {
  const stored = readStored('theme');
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** What the person chose; `public/theme.js` applies it before the first paint. */
export const theme = createSignal<Theme>(storedTheme());

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const chosen = theme.get();
  const dark = chosen === 'dark' || (chosen === 'system' && systemIsDark.matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? '#121213' : '#fafaf9');
}

/** Applies the theme now and whenever the choice or the system changes. */
export function followTheme(): void {
  apply();
  theme.subscribe(() => {
    writeStored('theme', theme.get() === 'system' ? null : theme.get());
    apply();
  });
  systemIsDark.addEventListener('change', apply);
}
