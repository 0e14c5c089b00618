import { useQuery } from '@tanstack/react-query';
import { sessionExpired } from '../api/connection.ts';
import { meQuery } from '../api/session.ts';
import { SignInForm } from '../pages/sign-in/form.tsx';
import { useSignal } from '../signal.ts';
import { Dialog } from '../ui/dialog.tsx';

/** The session ended while the page was open: sign in again in place, so that nothing written is lost. */
export default function ExpiredSession() {
  const expired = useSignal(sessionExpired);
  const { data: me } = useQuery({ ...meQuery, enabled: !expired });
  return (
    <Dialog
      open={expired}
      onOpenChange={() => undefined}
      insistent
      title="Your session has ended"
      description="Sign in again to go on. Nothing on this page is lost."
    >
      <SignInForm
        email={me?.user.email ?? ''}
        next={location.pathname + location.search}
        onSignedIn={() => sessionExpired.set(false)}
      />
    </Dialog>
  );
}
