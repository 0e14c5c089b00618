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
  /** As high as buttons of that size; `filter` as high, and as set, as the filters that it stands beside. */
  size?: 'small' | 'medium' | 'filter';
  /** Of a filter: it leaves something out. */
  isFiltering?: boolean;
}

type SelectLook = { [Name in 'size' | 'isFiltering' | 'className']?: SelectProps<string>[Name] | undefined };

const sizes = { small: 'h-7 px-2 text-xs', medium: 'h-9 px-3 text-sm', filter: 'h-8 px-2.5 text-xs' };

/** How the button of a select looks. */
export function selectClass({ size = 'medium', isFiltering = false, className }: SelectLook): string {
  return cx(
    'inline-flex min-w-0 items-center justify-between gap-2 rounded-lg border',
    isFiltering
      ? 'border-accent/60 bg-accent-soft text-accent'
      : 'border-line-strong/60 bg-surface hover:border-line-strong',
    'disabled:opacity-60 data-disabled:opacity-60',
    sizes[size],
    className,
  );
}

/** And its chevron. */
export function chevronClass(size: SelectLook['size']): string {
  return cx('size-3.5', size !== 'filter' && 'text-muted');
}

/** One of several values. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { popups, button } = useOnDemand();
  if (popups !== null) return <popups.SelectPopup {...props} />;
  const { label, value, options, disabled, className, size, isFiltering, ...rest } = props;
  const { onChange: _onChange, ...control } = rest;
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
      className={selectClass({ size, isFiltering, className })}
    >
      <span className="truncate">{options.find((option) => option.value === value)?.label}</span>
      <span aria-hidden="true">
        <ChevronDownIcon className={chevronClass(size)} />
      </span>
    </button>
  );
}
