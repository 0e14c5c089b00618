import { lazyPart } from '../lazy-part.tsx';
import type { CodeEditorProps } from './code-editor.tsx';

/** A text of JSON with colours and errors where they are; a plain field until the editor has loaded. */
export const JsonEditor = lazyPart<CodeEditorProps>(
  () => import('./code-editor.tsx'),
  (props) => (
    <textarea
      aria-label={props.label}
      className="min-h-40 w-full rounded-lg border border-line-strong/60 bg-surface p-2 font-mono text-xs"
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    />
  ),
);
