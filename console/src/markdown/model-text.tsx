import { lazyPart } from '../lazy-part.tsx';
import type { MarkdownProps } from './markdown.tsx';

/**
 * Loads all that shows a model's text before it is needed: several streams at once leave few connections for it.
 */
export function preloadModelText(): void {
  Promise.all([import('./markdown.tsx'), import('./highlighter.ts'), import('katex')]).catch(
    (error: unknown) => console.warn('Parts that show answers could not be loaded', error),
  );
}

/** A model's text as Markdown; plain until the renderer has loaded. */
export const ModelText = lazyPart<MarkdownProps>(
  () => import('./markdown.tsx'),
  ({ text }) => <p className="leading-[1.65] wrap-anywhere whitespace-pre-wrap">{text}</p>,
);
