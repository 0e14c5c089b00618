import { permissions, roles } from '../../server/src/members/roles.ts';
import { code, type Page, table } from './page.ts';

const words = { all: 'yes', joined: 'in own projects', owned: 'in projects they own', none: '–' } as const;

/** What each role may do, from the table that the server checks by. */
export function rolesPage(): Page {
  const rows = Object.entries(permissions).map(([action, by]) => [
    code(action),
    ...roles.map((role) => words[by[role]]),
  ]);
  return {
    path: 'roles',
    title: 'Roles',
    description: 'What owners, admins, members and viewers may do.',
    body: [
      'Every person in the organization has one role. This is the table that the server itself checks by; `GET /v1/me` says under `can` what the',
      'signed-in person may do. An admin key may do everything except ask models.',
      '',
      table(['Action', ...roles], rows),
      '',
      '*Own projects* are those that the person was added to; a project has owners and members of its own.',
    ].join('\n'),
  };
}
