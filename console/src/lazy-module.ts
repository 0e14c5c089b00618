import { useEffect, useState } from 'react';

/**
 * Makes a hook that gives a module once it has loaded, and null until then (and where it can't be loaded: what uses it has
 * to do without). Loads when it is first wanted, once.
 */
export function lazyModule<Module extends object>(
  load: () => Promise<Module>,
): (wanted: boolean) => Module | null {
  let loaded: Module | null = null;
  return function useModule(wanted) {
    const [module, setModule] = useState(() => loaded);
    useEffect(() => {
      if (!wanted || module !== null) return;
      const show = async () => {
        loaded ??= await load();
        setModule(loaded);
      };
      show().catch((error: unknown) => console.warn('A part of the page could not be loaded', error));
    }, [wanted, module]);
    return module;
  };
}
