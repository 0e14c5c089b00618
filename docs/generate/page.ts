/** A generated page; `path` is below `reference/`, without an extension. */
export interface Page {
  path: string;
  title: string;
  description: string;
  body: string;
  order?: number;
}

/** Text as it is, in Markdown; what is between backquotes in it is code. */
export function plain(text: string): string {
  const escaped = (part: string) => part.replaceAll(/[\\`*_<>[\]|{}]/g, (character) => `\\${character}`);
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? code(part.slice(1, -1)) : escaped(part)))
    .join('');
}

/** Code in a sentence or a cell of a table. */
export function code(text: string): string {
  return `\`${text.replaceAll('|', String.raw`\|`)}\``;
}

/** A Markdown table; cells are Markdown already. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
