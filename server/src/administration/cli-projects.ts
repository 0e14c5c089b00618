import type { Command } from 'commander';
import { commandLineActor } from '../audit/audit.ts';
import { withDatabase } from '../db/with-database.ts';
import { archiveProject, createProject, projectColumns } from '../projects/administration.ts';
import { ensureDefaultProject } from '../projects/projects.ts';
import { formatMinute, formatTable } from '../terminal-table.ts';
import { parseName } from './fields.ts';

/** Mounts `weai projects`. A running server takes up every change within a second. */
export function registerProjectCommands(program: Command): void {
  const projects = program.command('projects').description('create, list and archive projects');

  projects
    .command('create')
    .description('make a project')
    .argument('<name>', 'unlike that of any other project', parseName)
    .option('--json', 'print JSON')
    .action((name: string, options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const made = await createProject(kysely, { organizationId, name, actor: commandLineActor() });
        if (options.json === true) console.log(JSON.stringify(made));
        else
          console.log(`Made ${name}, ${made.id}. Make it a key with: weai keys create --project "${name}"`);
      }),
    );

  projects
    .command('list')
    .description('list the projects, oldest first')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const found = await kysely
          .selectFrom('projects')
          .select(projectColumns)
          .where('organization_id', '=', organizationId)
          .orderBy('created_at')
          .orderBy('id')
          .execute();
        if (options.json === true) return console.log(JSON.stringify(found, null, 2));
        const rows = found.map(({ id, name, createdAt, archivedAt }) => [
          name,
          formatMinute(createdAt),
          archivedAt === null ? 'active' : 'archived',
          id,
        ]);
        console.log(formatTable(['NAME', 'CREATED', 'STATE', 'ID'], rows));
      }),
    );

  projects
    .command('archive <project>')
    .description('archive a project, given its id or name; its keys stop working')
    .option('--json', 'print JSON')
    .action((reference: string, options: { json?: boolean }) =>
      withDatabase(async ({ kysely }) => {
        const { organizationId } = await ensureDefaultProject(kysely);
        const named = await kysely
          .selectFrom('projects')
          .select('id')
          .where('organization_id', '=', organizationId)
          .where('name', '=', reference)
          .executeTakeFirst();
        const id = named?.id ?? reference;
        const archived = await archiveProject(kysely, { organizationId, id, actor: commandLineActor() });
        console.log(options.json === true ? JSON.stringify(archived) : `Archived ${archived.name}.`);
      }),
    );
}
