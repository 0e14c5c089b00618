import { Field, type FieldProps, Input } from './input.tsx';

interface NewPasswordFieldProps extends Pick<FieldProps, 'label' | 'error'> {
  value: string;
  onChange: (value: string) => void;
}

/** Where a password is chosen: says what it has to be, and lets password managers make one. */
export function NewPasswordField({ label, value, onChange, error }: NewPasswordFieldProps) {
  return (
    <Field label={label} hint="At least 10 characters; a few words are easy to remember." error={error}>
      {(control) => (
        <Input
          {...control}
          type="password"
          autoComplete="new-password"
          minLength={10}
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
