import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { signInMethodsQuery } from '../../api/session.ts';
import { CardPage } from '../../ui/card-page.tsx';
import { SignInForm } from './form.tsx';

/** A path of this console; anything else, as an address of another place, becomes the start page. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/playground';
}

export default function SignInPage() {
  const { next, error } = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const methods = useQuery(signInMethodsQuery);
  const target = safeNext(next);
  if (methods.data?.needs_owner === true) {
    return (
      <CardPage title="This server has no owner yet" description="Whoever started it becomes its owner.">
        <ol className="flex list-decimal flex-col gap-2 pl-5 text-sm">
          <li>Look at the terminal that runs the server.</li>
          <li>
            Open the address that it printed below <strong>Owner</strong>: it has{' '}
            <code className="font-mono text-xs">/welcome?token=</code> in it.
          </li>
          <li>
            Not there any more? In WeAI’s directory on the server,{' '}
            <code className="font-mono text-xs whitespace-nowrap">./weai owner-link</code> makes a new one.
          </li>
        </ol>
      </CardPage>
    );
  }
  return (
    <CardPage title="Sign in">
      {error !== undefined && (
        <p role="alert" className="mb-4 text-sm text-danger">
          {error === 'provider_unreachable'
            ? 'The identity provider cannot be reached right now. Try again in a moment, or use a password.'
            : 'Sign-in with the identity provider failed. Try again, or ask an admin whether your address is invited.'}
        </p>
      )}
      <SignInForm next={target} onSignedIn={() => router.history.push(target)} />
    </CardPage>
  );
}
