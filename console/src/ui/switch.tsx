import { cx } from './class-names.ts';

export interface SwitchProps {
  id?: string;
  'aria-describedby'?: string;
  /** Its name; `Field` gives `id` instead. */
  label?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

/** On or off, at once. */
export function Switch({ label, checked, onChange, disabled = false, ...control }: SwitchProps) {
  return (
    <input
      {...control}
      type="checkbox"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.target.checked)}
      className={cx(
        'relative h-5 w-8.5 shrink-0 cursor-pointer appearance-none rounded-full bg-line-strong transition-colors checked:bg-accent',
        'before:absolute before:top-0.5 before:left-0.5 before:size-4 before:rounded-full before:bg-surface before:transition-transform',
        'checked:before:translate-x-3.5 disabled:opacity-50',
      )}
    />
  );
}
