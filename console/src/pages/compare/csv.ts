/** Rows of a CSV (RFC 4180): quoted cells hold commas, line ends and doubled quotes. Throws for a quote that isn't closed. */
export function readCsv(text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let startLine = 1;
  let quoteLine = 1;
  const endRow = () => {
    cells.push(cell);
    cell = '';
    if (cells.some((each) => each.trim() !== '')) rows.push({ line: startLine, cells });
    cells = [];
  };
  for (let place = 0; place < text.length; place += 1) {
    const char = text.charAt(place);
    if (char === '\n') line += 1;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text.charAt(place + 1) === '"') {
        cell += '"';
        place += 1;
      } else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      quoted = true;
      quoteLine = line;
      cell = '';
    } else if (char === ',') {
      cells.push(cell);
      cell = '';
    } else if (char === '\n') {
      endRow();
      startLine = line;
    } else if (char !== '\r') cell += char;
  }
  if (quoted) throw new Error(`Line ${quoteLine}: a quote is opened and never closed.`);
  endRow();
  return rows;
}

/** A row of a CSV. Cells that a spreadsheet would take for a formula get a quote before them. */
export function csvRow(cells: readonly (string | number | null | undefined)[]): string {
  return cells
    .map((cell) => {
      if (typeof cell === 'number') return String(cell);
      const text = cell ?? '';
      const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
      return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    })
    .join(',');
}
