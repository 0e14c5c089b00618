import { CopyButton } from './copy-button.tsx';

/** A command or a program to copy. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex min-w-0 items-start rounded-lg border bg-sunken">
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to take the focus
        tabIndex={0}
        aria-label={label}
        role="region"
        className="min-w-0 flex-1 overflow-x-auto py-2.5 pl-3 font-mono text-xs leading-relaxed"
      >
        {text}
      </pre>
      <div className="p-1">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
