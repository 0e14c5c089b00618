import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pythonExecutable } from '../../conformance/python/environment.ts';
import { checkoutDirectory } from '../../conformance/platform/weights.ts';

/** How a language's programs are run and how their syntax alone is checked. */
const languages: Record<string, { extension: string; run: Command; check: Command }> = {
  python: {
    extension: 'py',
    run: async (file) => [await pythonExecutable(), file],
    check: async (file) => [
      await pythonExecutable(),
      '-c',
      'import ast, sys; ast.parse(open(sys.argv[1]).read())',
      file,
    ],
  },
  js: {
    extension: 'mjs',
    run: (file) => [process.execPath, file],
    check: (file) => [process.execPath, '--check', file],
  },
  sh: { extension: 'sh', run: (file) => ['sh', '-eu', file], check: (file) => ['sh', '-n', file] },
};

type Command = (file: string) => string[] | Promise<string[]>;

export interface Outcome {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Languages whose blocks are programs. */
export function isProgram(language: string): boolean {
  return language in languages;
}

/**
 * Runs a block's program, or checks its syntax, in the checkout: `import … from 'weai'` and `./weai` work as the page says.
 * @param environment what the reader would have exported.
 */
export async function runProgram(
  block: { language: string; program: string },
  how: 'run' | 'check',
  environment: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const language = languages[block.language];
  if (language === undefined) throw new Error(`${block.language} is no language that runs`);
  // Below the checkout, so that Node finds the `weai` package as it does for a reader's file there.
  const directory = mkdtempSync(join(resolve(checkoutDirectory), '.cache', 'docs-block-'));
  const file = join(directory, `block.${language.extension}`);
  writeFileSync(file, block.program);
  const [program = '', ...args] = await language[how](file);
  try {
    return await new Promise<Outcome>((settle, fail) => {
      const child = spawn(program, args, {
        cwd: checkoutDirectory,
        env: { ...process.env, NO_PROXY: '127.0.0.1', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
      child.once('error', fail);
      child.once('close', (exitCode) => {
        clearTimeout(timer);
        settle({ exitCode, stdout, stderr });
      });
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The program with answers of at most `tokens` tokens: the tests look at an answer's shape, not at what it says. */
export function shortened(program: string, tokens: number): string {
  return program.replaceAll(
    /(max_completion_tokens"?\s*[:=]\s*)(\d+)/g,
    (_all, before: string, count: string) => before + Math.min(Number(count), tokens),
  );
}
