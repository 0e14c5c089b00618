import type { RowValues } from './row.ts';

/** What a value of a record, or an element of an array, may have in it only in quotes. */
const special = /["\\(),{}\s]/;
const escaped = /["\\]/g;

/**
 * A row as PostgreSQL reads a record in text, as an element of an array of them: that takes it half the time that JSON with
 * names does (its manual: "Composite Type Input and Output Syntax", "Array Input and Output Syntax").
 */
export function recordOf(values: RowValues): string {
  return quoted(`(${values.map(fieldOf).join(',')})`);
}

function fieldOf(value: RowValues[number]): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || special.test(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${text.replaceAll(escaped, String.raw`\$&`)}"`;
}
