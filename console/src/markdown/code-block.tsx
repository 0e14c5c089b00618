import { toJsxRuntime } from 'hast-util-to-jsx-runtime';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { Fragment, jsx, jsxs } from 'react/jsx-runtime';
import { lazyModule } from '../lazy-module.ts';
import { CopyButton } from '../ui/copy-button.tsx';

const useHighlighter = lazyModule(() => import('./highlighter.ts'));

/** Longer code is not coloured while it still grows: that would take longer than a frame. */
const longestGrowing = 6000;
const longest = 100_000;

/** Code with its language, a way to copy it, and colours once the highlighter is there; its size stays the same. */
export function CodeBlock({
  source,
  language,
  streaming,
}: {
  source: string;
  language: string | null;
  streaming: boolean;
}) {
  const highlighter = useHighlighter(language !== null);
  const coloured = useMemo<ReactNode>(() => {
    if (highlighter === null || language === null || source.length > (streaming ? longestGrowing : longest))
      return source;
    const tree = highlighter.highlight(source, language);
    return tree === null ? source : toJsxRuntime(tree, { Fragment, jsx, jsxs });
  }, [highlighter, language, source, streaming]);
  return (
    <div className="code-block">
      <div className="code-head">
        <span>{language ?? 'text'}</span>
        <CopyButton text={source} label="Copy code" />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to take the focus */}
      <pre tabIndex={0}>
        <code>{coloured}</code>
      </pre>
    </div>
  );
}
