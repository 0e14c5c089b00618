import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { ApiFailure } from '../../api/failure.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { NewPasswordField } from '../../ui/new-password-field.tsx';

export interface NewAccount {
  name: string;
  email: string;
  password: string;
}

export interface NewAccountFormProps {
  /** An invitation knows the address already. */
  withEmail: boolean;
  /** That address: password managers keep it with the password. */
  knownEmail?: string;
  action: string;
  onSubmit: (account: NewAccount) => Promise<void>;
  onDone: () => void;
}

/** Name, address and password of somebody new. */
export function NewAccountForm({ withEmail, knownEmail, action, onSubmit, onDone }: NewAccountFormProps) {
  const [account, setAccount] = useState<NewAccount>({ name: '', email: '', password: '' });
  const attempt = useMutation({ mutationFn: onSubmit, onSuccess: onDone });
  const wrongField = attempt.error instanceof ApiFailure ? attempt.error.param : null;
  const errorAt = (field: keyof NewAccount) => (wrongField === field ? attempt.error?.message : null);
  const set = (field: keyof NewAccount) => (event: { target: { value: string } }) =>
    setAccount({ ...account, [field]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate(account);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label="Your name" error={errorAt('name')}>
        {(control) => (
          <Input
            {...control}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is there to type this
            autoFocus
            autoComplete="name"
            required
            value={account.name}
            onChange={set('name')}
          />
        )}
      </Field>
      {knownEmail !== undefined && (
        <input className="hidden" type="email" readOnly autoComplete="username" value={knownEmail} />
      )}
      {withEmail && (
        <Field label="E-mail" hint="To sign in with. Nothing is sent to it." error={errorAt('email')}>
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="username"
              required
              value={account.email}
              onChange={set('email')}
            />
          )}
        </Field>
      )}
      <NewPasswordField
        label="Password"
        error={errorAt('password')}
        value={account.password}
        onChange={(password) => setAccount({ ...account, password })}
      />
      {attempt.error && !(wrongField !== null && wrongField in account) && (
        <p role="alert" className="text-sm text-danger">
          {attempt.error.message}
        </p>
      )}
      <Button type="submit" variant="primary" size="large" busy={attempt.isPending}>
        {action}
      </Button>
    </form>
  );
}
