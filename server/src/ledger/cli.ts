import type { Command } from 'commander';
import { lockHolder } from '../data-directory.ts';
import { withDatabase } from '../db/with-database.ts';
import { createLog } from '../log.ts';
import { LiveModelRegistry } from '../models/registry.ts';
import { verifyLedger } from './verify.ts';

/** Mounts `weai ledger`. */
export function registerLedgerCommands(program: Command): void {
  const ledger = program.command('ledger').description('check the record of usage');
  ledger
    .command('verify')
    .description('compare the journal, the table, its sums and the engines; exits with 1 when they differ')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withDatabase(async (database, config) => {
        const log = createLog({ logLevel: 'warn' });
        const models = await LiveModelRegistry.open({ config, database, log });
        const checks = await verifyLedger({
          dataDir: config.dataDir,
          kysely: database.kysely,
          serverRuns: (await lockHolder(config.dataDir, 'server')) !== null,
          deployments: models.deployments(),
        });
        if (options.json === true) console.log(JSON.stringify(checks, null, 2));
        else
          for (const { ok, name, found } of checks)
            console.log(`${ok ? 'ok    ' : 'FAULT '} ${name}: ${found}`);
        if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
      }),
    );
}
