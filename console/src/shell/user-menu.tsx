import { useState } from 'react';
import { useMe } from '../api/session.ts';
import { lazyPart } from '../lazy-part.tsx';
import { useSignal } from '../signal.ts';
import { theme } from '../theme.ts';
import { KeyIcon, MoonIcon, SettingsIcon, SignOutIcon, SunIcon, UserIcon } from '../ui/icons.tsx';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../ui/menu.tsx';

const PasswordDialog = lazyPart(() => import('./password-dialog.tsx'));

/** Who is signed in, the theme, and the way out. */
export function UserMenu({ onSignOut }: { onSignOut: () => void }) {
  const { user, organization } = useMe();
  const chosen = useSignal(theme);
  const [changing, setChanging] = useState(false);
  return (
    <>
      <Menu
        side="top"
        align="start"
        trigger={
          <button
            type="button"
            className="flex w-full items-center gap-2.5 rounded-lg px-2 py-1.5 text-left hover:bg-hover"
          >
            <UserIcon className="size-5 text-muted" />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm font-medium">{user.name}</span>
              <span className="block truncate text-xs text-muted">{organization.role}</span>
            </span>
          </button>
        }
      >
        <p className="truncate px-2 py-1.5 text-xs text-muted">{user.email}</p>
        <MenuSeparator />
        <MenuChoice
          label="Theme"
          value={chosen}
          options={[
            { value: 'light', label: 'Light', icon: <SunIcon /> },
            { value: 'dark', label: 'Dark', icon: <MoonIcon /> },
            { value: 'system', label: 'System', icon: <SettingsIcon /> },
          ]}
          onChange={(value) => theme.set(value)}
        />
        <MenuSeparator />
        <MenuItem icon={<KeyIcon />} onClick={() => setChanging(true)}>
          Change password
        </MenuItem>
        <MenuItem icon={<SignOutIcon />} onClick={onSignOut}>
          Sign out
        </MenuItem>
      </Menu>
      {changing && <PasswordDialog onClose={() => setChanging(false)} />}
    </>
  );
}
