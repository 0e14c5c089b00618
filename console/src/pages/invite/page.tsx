import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiFailure } from '../../api/failure.ts';
import { acceptInvite, inviteQuery, type OpenInvite } from '../../api/session.ts';
import { reachesAllProjects, roleWords } from '../../roles.ts';
import { buttonClass } from '../../ui/button.tsx';
import { CardPage } from '../../ui/card-page.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { NewAccountForm } from '../sign-in/new-account-form.tsx';

/** Somebody was invited and opens the link: who, as what, and then in. */
export default function InvitePage() {
  const { token } = useSearch({ from: '/invite' });
  const navigate = useNavigate();
  const invite = useQuery(inviteQuery(token));
  if (token === undefined) {
    return (
      <CardPage
        title="The link is not complete"
        description="Open the whole link of your invitation, with the token at its end."
      />
    );
  }
  if (invite.error instanceof ApiFailure && invite.error.status === 400) return <Closed />;
  if (invite.isLoadingError)
    return (
      <CardPage title="You are invited">
        <ErrorState error={invite.error} onRetry={() => void invite.refetch()} compact />
      </CardPage>
    );
  if (invite.isPending)
    return (
      <CardPage title="You are invited">
        <div role="status" aria-label="Loading" className="flex flex-col gap-6">
          <Skeleton className="h-32" />
          <Skeleton className="h-52" />
        </div>
      </CardPage>
    );
  return (
    <CardPage title={`You are invited to ${invite.data.organization}`}>
      <Terms invite={invite.data} />
      <p className="mt-6 mb-4 text-sm text-muted">Choose how you are called here and a password.</p>
      <NewAccountForm
        withEmail={false}
        knownEmail={invite.data.email}
        action="Join"
        onSubmit={({ name, password }) => acceptInvite({ token, name, password })}
        onDone={() => void navigate({ to: '/playground', replace: true })}
      />
    </CardPage>
  );
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long' });

/** What one becomes by accepting. */
function Terms({ invite }: { invite: OpenInvite }) {
  const { label, may } = roleWords[invite.role];
  const projects = invite.projects.map(({ name }) => name).join(', ');
  return (
    <dl className="divide-y divide-line rounded-xl border bg-surface px-4 text-sm">
      <Line label="E-mail">
        <span className="break-all">{invite.email}</span>
      </Line>
      <Line label="Role">
        {label}
        <span className="block text-xs text-muted">{may}</span>
      </Line>
      <Line label="Projects">
        {reachesAllProjects(invite.role) ? 'All' : projects === '' ? 'None yet: an admin adds you' : projects}
      </Line>
      <Line label="Open until">{day.format(invite.expires_at * 1000)}</Line>
    </dl>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[5.5rem_1fr] gap-3 py-2.5">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

/** Used, withdrawn, out of date or made up: the server says no more, and neither do we. */
function Closed() {
  return (
    <CardPage
      title="This invitation isn’t open"
      description="It was used or withdrawn, or its seven days are over. An invitation works once."
    >
      <ul className="mb-6 flex list-disc flex-col gap-2 pl-5 text-sm">
        <li>You joined with it already: sign in with your e-mail and the password that you chose.</li>
        <li>You did not: ask whoever invited you for a new link.</li>
      </ul>
      <Link to="/sign-in" className={buttonClass('primary', 'large')}>
        Sign in
      </Link>
    </CardPage>
  );
}
