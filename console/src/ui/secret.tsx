import { CopyButton } from './copy-button.tsx';

export interface SecretProps {
  value: string;
  /** What is copied: "Copy key". */
  copyLabel: string;
  testId: string;
}

/** A key or a one-time link, the only time that it is shown. */
export function Secret({ value, copyLabel, testId }: SecretProps) {
  return (
    <div className="flex items-center gap-3 rounded-lg border border-accent/50 bg-accent-soft/40 py-2 pr-2 pl-3">
      <code data-testid={testId} className="min-w-0 flex-1 font-mono text-2xs leading-relaxed break-all">
        {value}
      </code>
      <CopyButton takesFocus text={value} label={copyLabel} labelled />
    </div>
  );
}
