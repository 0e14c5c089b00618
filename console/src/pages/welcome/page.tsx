import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { makeOwner, signInMethodsQuery } from '../../api/session.ts';
import { buttonClass } from '../../ui/button.tsx';
import { CardPage } from '../../ui/card-page.tsx';
import { NewAccountForm } from '../sign-in/new-account-form.tsx';

/** The first visit: whoever has the banner's link becomes the owner. */
export default function WelcomePage() {
  const { token } = useSearch({ from: '/welcome' });
  const navigate = useNavigate();
  const methods = useQuery(signInMethodsQuery);
  if (methods.data?.needs_owner === false) {
    return (
      <CardPage
        title="This server has an owner"
        description="The link in the banner works once, for the first owner."
      >
        <Link to="/sign-in" className={buttonClass('primary', 'large')}>
          Sign in
        </Link>
      </CardPage>
    );
  }
  if (token === undefined) {
    return (
      <CardPage
        title="The link is not complete"
        description="Copy the whole address that the server printed below “Owner”, with the token at its end."
      />
    );
  }
  return (
    <CardPage
      title="Welcome"
      description="You are the first here, so you become the owner of this server. Then you can ask a model something."
    >
      <NewAccountForm
        withEmail
        action="Begin"
        onSubmit={(account) => makeOwner({ ...account, token })}
        onDone={() => void navigate({ to: '/playground', replace: true })}
      />
    </CardPage>
  );
}
