import type { ReactNode } from 'react';
import { cx } from './class-names.ts';
import { ChevronDownIcon } from './icons.tsx';
import { useOnDemand } from './on-demand.ts';

export interface SelectOption<Value extends string> {
  value: Value;
  label: string;
  /** A second line, or what stands at the end of the line. */
  detail?: ReactNode;
  disabled?: boolean;
}

export interface SelectProps<Value extends string> {
  /** Its name; `Field` gives `id` instead. */
  label?: string;
  id?: string;
  'aria-describedby'?: string;
  value: Value;
  options: readonly SelectOption<Value>[];
  onChange: (value: Value) => void;
  disabled?: boolean;
  className?: string;
  size?: 'small' | 'medium';
}

/** How the button of a select looks. */
export function selectClass(size: 'small' | 'medium' = 'medium', className?: string): string {
  return cx(
    'inline-flex min-w-0 items-center justify-between gap-2 rounded-lg border border-line-strong/60 bg-surface text-sm',
    'hover:border-line-strong disabled:opacity-60 data-disabled:opacity-60',
    size === 'small' ? 'h-7 px-2 text-xs' : 'h-9 px-3',
    className,
  );
}

/** One of several values. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { popups, button } = useOnDemand();
  if (popups !== null) return <popups.SelectPopup {...props} />;
  const { label, value, options, disabled, className, size, onChange: _onChange, ...control } = props;
  return (
    <button
      {...control}
      {...button}
      type="button"
      // Closed, it controls nothing yet: `aria-controls` comes with the list, `aria-expanded` from `button`.
      // oxlint-disable-next-line jsx-a11y/role-has-required-aria-props
      role="combobox"
      aria-haspopup="listbox"
      aria-label={label}
      disabled={disabled}
      className={selectClass(size, className)}
    >
      <span className="truncate">{options.find((option) => option.value === value)?.label}</span>
      <span aria-hidden="true">
        <ChevronDownIcon className="size-3.5 text-muted" />
      </span>
    </button>
  );
}
