import { newPrompt, type Prompt } from './comparison.ts';
import { readCsv } from './csv.ts';

/** A set holds this many prompts, of so many characters each: with six contestants measured twice the API keeps it. */
export const mostPrompts = 100;
export const mostPromptCharacters = 20_000;
export const mostSetBytes = 1_000_000;

export type PromptSetFormat = 'lines' | 'csv' | 'jsonl';

export interface PromptSet {
  format: PromptSetFormat;
  prompts: Prompt[];
  /** Why there are none: what is wrong, on which line. */
  error: string | null;
}

interface Found {
  line: number;
  text: string;
  reference?: string;
}

/** What a text most likely is: JSON lines, a CSV with a column "prompt", else a prompt on each line. */
export function guessFormat(text: string): PromptSetFormat {
  const first = text.trimStart().split('\n', 1)[0]?.trim() ?? '';
  if (first.startsWith('{')) return 'jsonl';
  return first.toLowerCase().split(',').map(unquoted).includes('prompt') && first.includes(',')
    ? 'csv'
    : 'lines';
}

/** Reads prompts from what was pasted or from a file. */
export function readPromptSet(text: string, format: PromptSetFormat = guessFormat(text)): PromptSet {
  const failed = (error: string): PromptSet => ({ format, prompts: [], error });
  if (text.length > mostSetBytes) return failed('That is over 1 MB: take fewer or shorter prompts.');
  try {
    const found = { lines: readLines, csv: readRows, jsonl: readJsonLines }[format](text);
    if (found.length === 0) return failed('There is no prompt in it.');
    if (found.length > mostPrompts)
      return failed(`There are ${found.length} prompts; up to ${mostPrompts} can be compared at once.`);
    const long = found.find((each) => each.text.length > mostPromptCharacters);
    if (long) return failed(`Line ${long.line}: a prompt has up to ${mostPromptCharacters} characters.`);
    return { format, prompts: found.map((each) => newPrompt(each.text, each.reference)), error: null };
  } catch (error) {
    return failed(error instanceof Error ? error.message : 'It could not be read.');
  }
}

function readLines(text: string): Found[] {
  return text
    .split('\n')
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter((found) => found.text !== '');
}

function readRows(text: string): Found[] {
  const [head, ...rows] = readCsv(text.replace(/^\uFEFF/, ''));
  const columns = (head?.cells ?? []).map((cell) => unquoted(cell).toLowerCase());
  const place = columns.indexOf('prompt');
  if (place < 0)
    throw new Error('Line 1: no column is called “prompt”. Name the one that holds the prompts so.');
  const referencePlace = columns.indexOf('reference');
  return rows.map(({ line, cells }) => {
    const prompt = (cells[place] ?? '').trim();
    if (prompt === '') throw new Error(`Line ${line}: the prompt is empty.`);
    return { line, text: prompt, ...referenceOf(cells[referencePlace]) };
  });
}

function readJsonLines(text: string): Found[] {
  return text.split('\n').flatMap((content, index) => {
    const line = index + 1;
    return content.trim() === '' ? [] : { line, ...readJsonLine(content, line) };
  });
}

function readJsonLine(content: string, line: number): Omit<Found, 'line'> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new Error(`Line ${line}: it is not JSON.`);
  }
  const prompt = typeof value === 'object' && value !== null ? Reflect.get(value, 'prompt') : value;
  if (typeof prompt !== 'string' || prompt.trim() === '')
    throw new Error(`Line ${line}: expected {"prompt": "…"}.`);
  const reference: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'reference') : undefined;
  return { text: prompt, ...referenceOf(reference) };
}

function referenceOf(value: unknown): { reference?: string } {
  return typeof value === 'string' && value.trim() !== '' ? { reference: value.trim() } : {};
}

function unquoted(cell: string): string {
  return cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
}
