import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of a core that another wants as well, a process this nice gets a tenth (110 of 1,134, by Linux's `sched_prio_to_weight`). */
export const niceness = 10;

const attempts = 20;
const pauseMs = 100;

/**
 * Lets a process have a core that nobody else wants, and a tenth of one that others want: what becomes ready there takes it at once.
 * Where Linux groups processes by session (autogroup), the session's niceness counts and not the process's: each of PostgreSQL's
 * processes is a session of its own, with a share of a core as large as that of all of ours. Throws what the system says.
 */
export async function yieldCores(pid: number): Promise<void> {
  setPriority(pid, niceness);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await writeFile(`/proc/${pid}/autogroup`, String(niceness));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'ENOENT') return;
      // Linux takes one of these each tenth of a second, of the whole machine.
      if (code !== 'EAGAIN' || attempt === attempts) throw error;
    }
    await sleep(pauseMs);
  }
}
