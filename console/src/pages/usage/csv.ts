/** A line of the table: what a group used in a day (UTC, Unix seconds). Dollars are decimals, to the nano-dollar. */
export interface UsageRow {
  day: number;
  group: string;
  requests: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  costUsd: string;
  machineUsd: string;
}

/** What machines cost in a day while they were up and answered nothing. */
export interface IdleRow {
  day: number;
  /** Null where days are told by something else: for all deployments together. */
  deployment: string | null;
  usd: string;
}

const columns = [
  'requests',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'price_usd',
  'measured_usd',
  'idle_usd',
];

/** Cells that a spreadsheet would run as a formula are made text. */
export function csvOf(
  { rows, idle }: { rows: readonly UsageRow[]; idle: readonly IdleRow[] },
  heading: string,
  nameOf: (group: string) => string,
): string {
  const cell = (value: string | number) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const date = (day: number) => new Date(day * 1000).toISOString().slice(0, 10);
  const lines = rows.map((row) => [
    date(row.day),
    row.group,
    nameOf(row.group),
    row.requests,
    row.inputTokens,
    row.cachedTokens,
    row.outputTokens,
    shortest(row.costUsd),
    shortest(row.machineUsd),
    '0.0',
  ]);
  // Time that nobody used is no model's, key's or project's: it has lines of its own.
  const idleLines = idle.map(({ day, deployment, usd }) => [
    date(day),
    '',
    `idle ${deployment ?? ''}`.trim(),
    0,
    0,
    0,
    0,
    '0.0',
    '0.0',
    shortest(usd),
  ]);
  return [['day', heading, `${heading}_name`, ...columns], ...lines, ...idleLines]
    .map((line) => `${line.map((each) => cell(each)).join(',')}\r\n`)
    .join('');
}

/** A decimal without the zeros that say nothing, but one. */
function shortest(usd: string): string {
  return usd.replace(/0+$/, '').replace(/\.$/, '.0');
}
