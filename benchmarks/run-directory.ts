import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For logs and data of the measured servers: deleted when this process ends, however it ends short of SIGKILL. */
export const runDirectory = mkdtempSync(join(tmpdir(), 'weai-benchmark-'));

process.on('exit', () => rmSync(runDirectory, { recursive: true, force: true }));
