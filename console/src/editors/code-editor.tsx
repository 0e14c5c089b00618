import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { linter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder as placeholderText } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useRef } from 'react';

export interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  /** A problem that is not of JSON's grammar; null when there is none. */
  problem?: string | null;
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--code-title)' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
]);

const look = EditorView.theme({
  '&': { fontSize: '0.75rem', backgroundColor: 'var(--surface)', color: 'var(--ink)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-content': {
    fontFamily: 'var(--font-mono)',
    padding: '0.5rem 0',
    caretColor: 'var(--ink)',
    minHeight: '9rem',
  },
  '.cm-scroller': { maxHeight: '22rem', lineHeight: '1.6' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', border: '1px solid var(--line)', color: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--accent-soft) !important',
  },
});

/** An editor for JSON. Tab indents; Escape, then Tab, leaves it, as the label says to screen readers. */
export default function CodeEditor({
  label,
  value,
  onChange,
  placeholder = '',
  problem = null,
}: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useEffectEvent(onChange);
  const first = useEffectEvent(() => value);

  useEffect(() => {
    if (place.current === null) return undefined;
    // In a shadow root CodeMirror adopts its style sheets; elsewhere it would add a style element, which the policy forbids.
    const root = place.current.shadowRoot ?? place.current.attachShadow({ mode: 'open' });
    const editor = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: first(),
        extensions: [
          history(),
          indentOnInput(),
          bracketMatching(),
          json(),
          syntaxHighlighting(colours),
          linter((each) => (each.state.doc.length === 0 ? [] : jsonParseLinter()(each))),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          placeholderText(placeholder),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            'aria-label': `${label}. Escape, then Tab, leaves the editor.`,
            // Told, so that whoever looks at the scrolled frame around it finds what takes the focus.
            tabindex: '0',
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
          look,
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [label, placeholder]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const { length } = editor.state.doc;
    const diagnostics: Diagnostic[] =
      problem === null ? [] : [{ from: 0, to: length, severity: 'error', message: problem }];
    if (problem !== null) editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [problem]);

  return <div ref={place} className="overflow-hidden rounded-lg border border-line-strong/60" />;
}
