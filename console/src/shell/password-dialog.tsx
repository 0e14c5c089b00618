import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldError, formError } from '../api/failure.ts';
import { changePassword, useMe } from '../api/session.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { Field, Input } from '../ui/input.tsx';
import { NewPasswordField } from '../ui/new-password-field.tsx';
import { toast } from '../ui/toast.tsx';

/** A new password for who is signed in. */
export default function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { user } = useMe();
  const [typed, setTyped] = useState({ currentPassword: '', newPassword: '' });
  const change = useMutation({
    mutationFn: () => changePassword(typed),
    onSuccess: () => {
      toast({ title: 'Your password is changed', description: 'Your other sessions have ended.' });
      onClose();
    },
  });
  const errorAt = (field: string) => fieldError(change.error, field);
  return (
    <FormDialog
      title="Change your password"
      description="Your other sessions end with it."
      action="Change password"
      busy={change.isPending}
      error={formError(change.error, 'currentPassword', 'newPassword')}
      onSubmit={() => change.mutate()}
      onClose={onClose}
    >
      {/* Password managers keep it with the password. */}
      <input className="hidden" type="email" readOnly autoComplete="username" value={user.email} />
      <Field label="Current password" error={errorAt('currentPassword')}>
        {(control) => (
          <Input
            {...control}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to type this
            autoFocus
            type="password"
            autoComplete="current-password"
            required
            value={typed.currentPassword}
            onChange={(event) => setTyped({ ...typed, currentPassword: event.target.value })}
          />
        )}
      </Field>
      <NewPasswordField
        label="New password"
        error={errorAt('newPassword')}
        value={typed.newPassword}
        onChange={(newPassword) => setTyped({ ...typed, newPassword })}
      />
    </FormDialog>
  );
}
