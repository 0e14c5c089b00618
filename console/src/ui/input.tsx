import { useId } from 'react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './class-names.ts';

const inputClass =
  'w-full rounded-lg border border-line-strong/60 bg-surface text-ink placeholder:text-muted ' +
  'hover:border-line-strong focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 ' +
  'aria-invalid:border-danger disabled:opacity-60';

export interface InputProps extends ComponentProps<'input'> {
  /** As high as the filters that it stands beside. */
  isSmall?: boolean;
}

export function Input({ className, isSmall = false, ...rest }: InputProps) {
  const size = isSmall ? 'h-8 px-2.5 text-xs' : 'h-9 px-3 text-sm';
  return <input className={cx(inputClass, size, className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cx(inputClass, 'px-3 py-2 text-sm leading-relaxed', className)} {...rest} />;
}

export interface FieldControlProps {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

export interface FieldProps {
  label: ReactNode;
  /** What it is for, in a short sentence. */
  hint?: ReactNode;
  /** What is wrong with it, and what to do. */
  error?: string | null | undefined;
  /** Beside the label, at the end of the line. */
  aside?: ReactNode;
  children: (control: FieldControlProps) => ReactNode;
}

/** A labelled control with its explanation and its error, tied together for screen readers. */
export function Field({ label, hint, error, aside, children }: FieldProps) {
  const id = useId();
  const said = [hint === undefined ? '' : `${id}-hint`, error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {aside}
      </div>
      {children({
        id,
        ...(said === '' ? {} : { 'aria-describedby': said }),
        ...(error ? { 'aria-invalid': true } : {}),
      })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
