import { Field, Input } from './input.tsx';

export interface NameFieldProps {
  hint?: string;
  error: string | null;
  value: string;
  onChange: (value: string) => void;
}

/** The name of something that a dialog makes: the first thing typed there. */
export function NameField({ hint, error, value, onChange }: NameFieldProps) {
  return (
    <Field label="Name" hint={hint} error={error}>
      {(control) => (
        <Input
          {...control}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type this
          autoFocus
          required
          maxLength={200}
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
