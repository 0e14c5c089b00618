import type { Command } from 'commander';
import { registerAdminKeyCommands } from './cli-admin-keys.ts';
import { registerProjectCommands } from './cli-projects.ts';
import { registerUsageCommand } from './cli-usage.ts';

/** Mounts `weai admin-keys`, `weai projects` and `weai usage`. */
export function registerAdministrationCommands(program: Command): void {
  registerAdminKeyCommands(program);
  registerProjectCommands(program);
  registerUsageCommand(program);
}
