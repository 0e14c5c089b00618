import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { ApiFailure, fieldError, formError } from '../../api/failure.ts';
import { signIn, signInMethodsQuery, signInWithProvider } from '../../api/session.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/input.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';

export interface SignInFormProps {
  email?: string;
  /** Path to come back to from an identity provider. */
  next: string;
  onSignedIn: () => void;
}

/** E-mail and password, and a button for each identity provider, as far as this server has them. */
export function SignInForm({ email: knownEmail = '', next, onSignedIn }: SignInFormProps) {
  const methods = useQuery(signInMethodsQuery);
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState('');
  const attempt = useMutation({ mutationFn: () => signIn(email, password), onSuccess: onSignedIn });
  const provider = useMutation({ mutationFn: () => signInWithProvider(next) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };

  if (methods.isLoadingError)
    return <ErrorState error={methods.error} onRetry={() => void methods.refetch()} compact />;
  if (methods.isPending) return <Skeleton className="h-52" />;
  const { password: byPassword, oidc } = methods.data;
  const failure = attempt.error ?? provider.error;
  return (
    <div className="flex flex-col gap-4">
      {oidc.map(({ id, name }) => (
        <Button key={id} size="large" busy={provider.isPending} onClick={() => provider.mutate()}>
          Continue with {name}
        </Button>
      ))}
      {byPassword && oidc.length > 0 && <p className="text-center text-xs text-muted">or with a password</p>}
      {byPassword && (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Field label="E-mail" error={fieldError(attempt.error, 'email')}>
            {(control) => (
              <Input
                {...control}
                // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is there to type this
                autoFocus={knownEmail === ''}
                type="email"
                autoComplete="username"
                required
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <Field label="Password">
            {(control) => (
              <Input
                {...control}
                // oxlint-disable-next-line jsx-a11y/no-autofocus -- all else is known
                autoFocus={knownEmail !== ''}
                type="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          <Button type="submit" variant="primary" size="large" busy={attempt.isPending}>
            Sign in
          </Button>
        </form>
      )}
      {formError(failure, 'email') !== null && (
        <p role="alert" className="text-sm text-danger">
          {formError(failure, 'email')}
          {failure instanceof ApiFailure && failure.code === 'invalid_credentials' && (
            <span className="mt-1 block text-xs text-muted">
              Forgotten? Whoever runs the server gives you a new one with{' '}
              <code className="font-mono wrap-anywhere">
                ./weai members new-password {email || 'your e-mail'}
              </code>
            </span>
          )}
        </p>
      )}
    </div>
  );
}
