/**
 * Runs the blocks that are marked `record=name` as the pages show them and keeps what they print in `src/outputs`.
 * With names as arguments only those; else those whose program has changed since.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allBlocks, programHash } from './checks/blocks.ts';
import { runProgram } from './checks/run.ts';
import { startDocumentedServer } from './checks/server.ts';

const outputs = join(import.meta.dirname, 'src/outputs');
const names = process.argv.slice(2);

function isCurrent(file: string, program: string): boolean {
  if (!existsSync(file)) return false;
  const recorded: { program?: string } = JSON.parse(readFileSync(file, 'utf8'));
  return recorded.program === programHash(program);
}

const chosen = allBlocks().flatMap((block) => {
  if (block.record === null) return [];
  const file = join(outputs, `${block.record}.json`);
  const wanted = names.length > 0 ? names.includes(block.record) : !isCurrent(file, block.program);
  return wanted ? [{ block, file }] : [];
});

if (chosen.length === 0) {
  console.log('Every output is of its program.');
} else {
  mkdirSync(outputs, { recursive: true });
  const server = await startDocumentedServer();
  try {
    for (const { block, file } of chosen) {
      const { exitCode, stdout, stderr } = await runProgram(block, 'run', server.environment);
      if ((exitCode === 0) === block.fails) {
        throw new Error(`${block.page}:${block.line} exited with ${exitCode}:\n${stdout}${stderr}`);
      }
      const recorded = {
        program: programHash(block.program),
        model: 'SmolLM2 135M, Q4_1 (the starter)',
        date: new Date().toISOString().slice(0, 10),
        output: stdout.trimEnd(),
      };
      writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
      console.log(`── ${block.record}\n${recorded.output}`);
    }
  } finally {
    await server.stop();
  }
}
