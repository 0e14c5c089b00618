import type { ComponentProps } from 'react';
import { cx } from './class-names.ts';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger';

const variants: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-on-accent hover:not-disabled:bg-accent-hover',
  secondary: 'border border-line bg-surface text-ink hover:not-disabled:bg-hover',
  quiet: 'text-muted hover:not-disabled:bg-hover hover:not-disabled:text-ink',
  danger: 'border border-line bg-surface text-danger hover:not-disabled:bg-danger-soft',
};

const sizes = {
  small: 'h-7 gap-1.5 rounded-md px-2 text-xs',
  medium: 'h-8.5 gap-2 rounded-lg px-3 text-sm',
  large: 'h-10 gap-2 rounded-lg px-4 text-base',
};

/** The look of a button, for links that act like one. */
export function buttonClass(
  variant: ButtonVariant = 'secondary',
  size: keyof typeof sizes = 'medium',
): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center font-medium whitespace-nowrap transition-colors select-none',
    'disabled:opacity-50',
    variants[variant],
    sizes[size],
  );
}

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant;
  size?: keyof typeof sizes;
  /** Shows that it works on it, and takes no second press. */
  busy?: boolean;
}

export function Button({
  variant = 'secondary',
  size = 'medium',
  busy = false,
  className,
  disabled,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      className={cx(buttonClass(variant, size), className)}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy && (
        <span
          className="size-3.5 animate-spin rounded-full border-2 border-current border-t-transparent"
          aria-hidden="true"
        />
      )}
      {children}
    </button>
  );
}

export interface IconButtonProps extends ComponentProps<'button'> {
  /** What it does: its name, and its tooltip. */
  label: string;
  size?: 'small' | 'medium';
}

export function IconButton({ label, size = 'medium', className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-md text-muted transition-colors',
        'hover:not-disabled:bg-hover hover:not-disabled:text-ink disabled:opacity-50',
        'aria-pressed:bg-accent-soft aria-pressed:text-accent',
        size === 'small' ? 'size-7' : 'size-8.5',
        className,
      )}
      {...rest}
    />
  );
}
