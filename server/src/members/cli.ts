import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Kysely } from 'kysely';
import { emailSchema } from '../administration/fields.ts';
import { commandLineActor } from '../audit/audit.ts';
import type { Role } from '../db/people-tables.ts';
import type { Tables } from '../db/tables.ts';
import { withDatabase } from '../db/with-database.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { addressOf } from '../sign-in/cli.ts';
import { giveNewPassword } from '../sign-in/new-password.ts';
import { formatMinute, formatTable } from '../terminal-table.ts';
import { createInvite } from './invites.ts';
import { changeRole, memberColumns, membersOf, removeMember } from './membership.ts';
import { roles } from './roles.ts';

interface Options {
  role: Role;
  json?: boolean;
}

/** Mounts `weai members`. A running server takes up every change within a second. */
export function registerMemberCommands(program: Command): void {
  const members = program.command('members').description('list, invite, change and remove people');
  const role = () => new Option('--role <role>', 'what they may do').choices(roles);

  members
    .command('list')
    .description('list the members, the oldest first')
    .option('--json', 'print JSON')
    .action((options: Options) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const found = await membersOf(kysely, organizationId)
          .select(memberColumns)
          .orderBy('members.added_at')
          .execute();
        if (options.json === true) return console.log(JSON.stringify(found, null, 2));
        const rows = found.map((member) => [
          member.email,
          member.name,
          member.role,
          formatMinute(member.addedAt),
          member.id,
        ]);
        console.log(formatTable(['EMAIL', 'NAME', 'ROLE', 'ADDED', 'ID'], rows));
      }),
    );

  members
    .command('invite')
    .argument('<email>', 'whom to let in', parseEmail)
    .description('make a one-time link that lets somebody in; no mail is sent')
    .addOption(role().default('member'))
    .option('--json', 'print JSON')
    .action((email: string, options: Options) =>
      withDatabase(async ({ kysely }, config) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const by = { actor: commandLineActor(), actorRole: 'owner' as const };
        const invited = { organizationId, email, role: options.role, ...by };
        const { token, id, expiresAt } = await createInvite(kysely, invited);
        const url = `${await addressOf(config)}/invite?token=${token}`;
        if (options.json === true)
          console.log(JSON.stringify({ id, email, role: options.role, url, expiresAt }));
        else
          console.log(`${url}\n\nSend it to ${email}: it works once, for a week, and cannot be shown again.`);
      }),
    );

  members
    .command('role <email> <role>')
    .description(`give somebody another role: ${roles.join(', ')}`)
    .option('--json', 'print JSON')
    .action((email: string, role: string, options: Options) =>
      withDatabase(async ({ kysely }) => {
        const known = roles.find((name) => name === role);
        if (known === undefined) return fail(`There is no role ${role}: choose one of ${roles.join(', ')}.`);
        const change = await changeOf(kysely, email);
        if (change === null) return fail(unknown);
        const changed = await changeRole(kysely, { ...change, role: known });
        if (options.json === true) console.log(JSON.stringify(changed));
        else console.log(`${changed.email} is ${changed.role} now.`);
      }),
    );

  members
    .command('new-password <email>')
    .description('replace a forgotten password with a random one, shown once; their sessions end')
    .option('--json', 'print JSON')
    .action((email: string, options: Options) =>
      withDatabase(async ({ kysely }) => {
        const change = await changeOf(kysely, email);
        if (change === null) return fail(unknown);
        const password = await giveNewPassword(kysely, change);
        if (options.json === true) console.log(JSON.stringify({ id: change.userId, password }));
        else
          console.log(
            `${password}\n\nIt is shown this once. Whoever gets it should change it after signing in.`,
          );
      }),
    );

  members
    .command('remove <email>')
    .description('remove somebody: their sessions and all that runs by them end within a second')
    .option('--json', 'print JSON')
    .action((email: string, options: Options) =>
      withDatabase(async ({ kysely }) => {
        const change = await changeOf(kysely, email);
        if (change === null) return fail(unknown);
        const removed = await removeMember(kysely, change);
        if (options.json === true) console.log(JSON.stringify({ id: removed.id, removed: true }));
        else console.log(`Removed ${removed.email}.`);
      }),
    );
}

function parseEmail(text: string): string {
  const parsed = emailSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Give an email address.');
}

const unknown = 'No member has that email. See: weai members list';

function fail(sentence: string): void {
  console.error(sentence);
  process.exitCode = 1;
}

/** The change of a member who is named by email; null for an unknown one. */
async function changeOf(kysely: Kysely<Tables>, email: string) {
  const { organizationId } = await ensureDefaultProject(kysely);
  const member = await membersOf(kysely, organizationId)
    .select('users.id')
    .where('users.email', '=', email.toLowerCase())
    .executeTakeFirst();
  if (member === undefined) return null;
  return { organizationId, userId: member.id, actor: commandLineActor(), actorRole: 'owner' as const };
}
