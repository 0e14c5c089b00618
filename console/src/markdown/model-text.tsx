import { lazy, Suspense } from 'react';
import type { MarkdownProps } from './markdown.tsx';

const Markdown = lazy(() => import('./markdown.tsx'));

/** A model's text as Markdown; plain until the renderer has loaded. */
export function ModelText(props: MarkdownProps) {
  return (
    <Suspense fallback={<p className="leading-[1.65] wrap-anywhere whitespace-pre-wrap">{props.text}</p>}>
      <Markdown {...props} />
    </Suspense>
  );
}
