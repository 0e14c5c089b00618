import { useNavigate, useSearch } from '@tanstack/react-router';
import { acceptInvite } from '../../api/session.ts';
import { CardPage } from '../../ui/card-page.tsx';
import { NewAccountForm } from '../sign-in/new-account-form.tsx';

/** Somebody was invited and opens the link. */
export default function InvitePage() {
  const { token } = useSearch({ from: '/invite' });
  const navigate = useNavigate();
  if (token === undefined) {
    return (
      <CardPage
        title="The link is not complete"
        description="Open the whole link of your invitation, with the token at its end."
      />
    );
  }
  return (
    <CardPage title="You are invited" description="Choose how you are called here and a password.">
      <NewAccountForm
        withEmail={false}
        action="Join"
        onSubmit={({ name, password }) => acceptInvite({ token, name, password })}
        onDone={() => void navigate({ to: '/playground', replace: true })}
      />
    </CardPage>
  );
}
