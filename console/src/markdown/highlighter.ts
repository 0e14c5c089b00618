import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);

/** Code as a tree of coloured spans; null for a language that isn't known. */
export function highlight(source: string, language: string) {
  const name = language.toLowerCase();
  return lowlight.registered(name) ? lowlight.highlight(name, source) : null;
}
