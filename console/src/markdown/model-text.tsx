import { lazy, Suspense } from 'react';
import type { MarkdownProps } from './markdown.tsx';

const Markdown = lazy(() => import('./markdown.tsx'));

/**
 * Loads all that shows a model's text before it is needed: several streams at once leave few connections for it.
 */
export function preloadModelText(): void {
  Promise.all([import('./markdown.tsx'), import('./highlighter.ts'), import('katex')]).catch(
    (error: unknown) => console.warn('Parts that show answers could not be loaded', error),
  );
}

/** A model's text as Markdown; plain until the renderer has loaded. */
export function ModelText(props: MarkdownProps) {
  return (
    <Suspense fallback={<p className="leading-[1.65] wrap-anywhere whitespace-pre-wrap">{props.text}</p>}>
      <Markdown {...props} />
    </Suspense>
  );
}
