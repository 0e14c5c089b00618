import { useLayoutEffect, useState } from 'react';
import type { ComponentType, ReactNode } from 'react';

/**
 * A component whose code loads when it is first shown; until then `meanwhile` is. What React's own `lazy` does, but at once when it is
 * there: a Suspense boundary that has shown its fallback keeps it for 300 ms, and each dialog would open so much later.
 * Where the code can't be loaded, the error is the boundary's above.
 */
export function lazyPart<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  meanwhile: (props: Props) => ReactNode = () => null,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyPart(props) {
    const [state, setState] = useState<{ part: ComponentType<Props> | null; error?: unknown }>(() => ({
      part: loaded,
    }));
    useLayoutEffect(() => {
      if (loaded !== null) return;
      load().then(
        (module) => {
          loaded = module.default;
          setState({ part: loaded });
          return undefined;
        },
        (error: unknown) => setState({ part: null, error }),
      );
    }, []);
    if (state.error !== undefined) throw state.error;
    const Part = state.part;
    return Part === null ? meanwhile(props) : <Part {...props} />;
  };
}
