import { useEffect, useRef } from 'react';
import { lazyModule } from '../lazy-module.ts';

const useKatex = lazyModule(() => import('katex'));

/**
 * A formula as MathML, which browsers render themselves: no style sheet, no fonts. KaTeX builds elements, not markup, and
 * trusts nothing in the source. Until it is there, and where it can't read the formula, the source is shown.
 */
export function Formula({ source, display = false }: { source: string; display?: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  const katex = useKatex(true);
  useEffect(() => {
    if (katex === null || place.current === null) return;
    katex.default.render(source, place.current, {
      output: 'mathml',
      displayMode: display,
      throwOnError: false,
      trust: false,
      strict: false,
      maxExpand: 100,
    });
  }, [katex, source, display]);
  return (
    <span className={display ? 'formula formula-display' : 'formula'}>
      {/* KaTeX owns what is inside: a new element for each formula, so that React never meets it. */}
      <span key={source} ref={place}>
        {source}
      </span>
    </span>
  );
}
