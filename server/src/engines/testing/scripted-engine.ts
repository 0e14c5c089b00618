/**
 * An engine that does as its alias says, for the supervisor's tests: started with the arguments of the real one.
 * `well`, `exit-at-start`, `crash` (0.1 s after its start), `hang` (stops answering), `stuck` (busy without a step),
 * `late` (computes for a second, once), `spin` (computes for ever), `stubborn` (ignores SIGTERM), `secret` (logs its
 * environment).
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    socket: { type: 'string' },
    alias: { type: 'string' },
    'exit-with-parent': { type: 'boolean' },
  },
});

console.error(JSON.stringify({ level: 'warn', msg: 'hello', pid: process.pid }));
if (values.alias === 'secret') console.error(Object.keys(process.env).join(' '));
if (values.alias === 'exit-at-start') {
  console.error('the weights are broken');
  process.exit(3);
}
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => {
  if (values.alias !== 'stubborn') process.exit(0);
});

const startedMs = Date.now();
const age = (): number => Date.now() - startedMs;
createServer((_, response) => {
  if (values.alias === 'hang' && age() > 100) return;
  const stuck = values.alias === 'stuck' && age() > 100;
  response.end(JSON.stringify({ status: 'ok', busy: stuck, last_step_age_ms: stuck ? 90_000 : 0 }));
}).listen(values.socket);
const compute = (durationMs: number): void => {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs);
  console.error(JSON.stringify({ level: 'warn', msg: `computed for ${durationMs} ms` }));
};
if (values.alias === 'late') setTimeout(() => compute(1000), 200);
if (values.alias === 'spin') setTimeout(() => compute(Infinity), 200);
if (values.alias === 'crash') setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 200);
