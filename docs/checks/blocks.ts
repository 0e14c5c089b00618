import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const pagesDirectory = resolve(import.meta.dirname, '../src/content/docs');

/**
 * A fenced code block of a page. Words after the language say what is done with it:
 * - `run`: it is run by itself; `run=name` begins a program that blocks with `continue=name` below go on with.
 * - `norun="reason"`: it can't run in the tests; only its syntax is checked.
 * - `expect="pattern"`: what its output must match. `fails`: it must exit with an error.
 * - `full`: its answer is not shortened in the tests.
 * - `record=name`: what it printed is kept in `src/outputs/name.json` and shown by `<Output name="name" />`.
 */
export interface Block {
  page: string;
  line: number;
  language: string;
  /** What is run: with the blocks that it goes on with before it. */
  program: string;
  /** What the page shows. */
  code: string;
  run: boolean;
  norun: string | null;
  expect: RegExp | null;
  fails: boolean;
  full: boolean;
  record: string | null;
}

interface Fence {
  language: string;
  words: Map<string, string>;
}

function readFence(info: string): Fence {
  const [language = ''] = /^\S*/.exec(info) ?? [];
  const words = new Map<string, string>();
  for (const [, name = '', quoted, bare] of info
    .slice(language.length)
    .matchAll(/([\w-]+)(?:=(?:"([^"]*)"|(\S+)))?/g)) {
    words.set(name, quoted ?? bare ?? '');
  }
  return { language, words };
}

/** The blocks of a page's source. @throws Error for a fence that is not closed or a program that has no beginning. */
export function readBlocks(page: string, source: string): Block[] {
  const lines = source.split('\n');
  const programs = new Map<string, string>();
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const open = /^(\s*)(`{3,})([\w-].*)?$/.exec(lines[index] ?? '');
    if (open === null) continue;
    const [, indent = '', ticks = '', info = ''] = open;
    const end = lines.findIndex((line, at) => at > index && line.trim() === ticks);
    if (end === -1) throw new Error(`${page}:${index + 1}: the code block is not closed`);
    const content = lines.slice(index + 1, end).map((line) => line.replace(indent, ''));
    const code = `${content.join('\n')}\n`;
    const { language, words } = readFence(info);
    const name = words.get('run') ?? '';
    const continued = words.get('continue');
    let program = code;
    if (continued !== undefined) {
      const before = programs.get(`${language} ${continued}`);
      if (before === undefined)
        throw new Error(`${page}:${index + 1}: nothing begins ${continued} in ${language}`);
      program = before + code;
    }
    const key = continued ?? name;
    if (key !== '') programs.set(`${language} ${key}`, program);
    const pattern = words.get('expect');
    blocks.push({
      page,
      line: index + 1,
      language,
      program,
      code,
      run: words.has('run') || continued !== undefined,
      norun: words.get('norun') ?? null,
      expect: pattern === undefined ? null : new RegExp(pattern),
      fails: words.has('fails'),
      full: words.has('full'),
      record: words.get('record') ?? null,
    });
    index = end;
  }
  return blocks;
}

/** Paths of all pages below `pagesDirectory`, sorted. */
export function listPages(): string[] {
  return readdirSync(pagesDirectory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.mdx?$/.test(name))
    .toSorted();
}

/** The blocks of all pages. */
export function allBlocks(): Block[] {
  return listPages().flatMap((page) => readBlocks(page, readFileSync(join(pagesDirectory, page), 'utf8')));
}

/** Tells whether a recorded output is of this very program. */
export function programHash(program: string): string {
  return createHash('sha256').update(program).digest('hex').slice(0, 16);
}
