import { styleText } from 'node:util';
import { z } from 'zod';

/** A line of the log as pino writes it. */
const lineSchema = z.looseObject({ level: z.number(), time: z.string(), msg: z.string().default('') });
const requestSchema = z.looseObject({
  requestId: z.string(),
  method: z.string(),
  route: z.string().nullable(),
  status: z.number(),
  durationMs: z.number(),
  model: z.string().nullish(),
  promptTokens: z.number().nullish(),
  completionTokens: z.number().nullish(),
  timeToFirstTokenMs: z.number().nullish(),
  outcome: z.string().nullish(),
  disconnected: z.boolean().optional(),
});
const failureSchema = z.looseObject({ message: z.string(), stack: z.string().optional() });

type Style = Parameters<typeof styleText>[0];

/** Levels that are named, from the highest; what is below `warn` needs no name. */
const levels: readonly [number, string, Style][] = [
  [60, 'fatal', 'red'],
  [50, 'error', 'red'],
  [40, 'warn', 'yellow'],
];

/**
 * A line of the log as a person at a terminal reads it: the time of day, what happened, and in grey what belongs to it. A request's
 * line says status, route, time and tokens. Details in details are left to JSON, but for warnings and errors.
 */
export function logText(json: string): string {
  const line = lineSchema.parse(JSON.parse(json));
  const { level, time, msg, ...fields } = line;
  const request = msg === 'request' ? requestSchema.safeParse(fields) : null;
  const [, name, color] = levels.find(([from]) => level >= from) ?? [];
  const parts = [styled('dim', timeOfDay(time))];
  if (name !== undefined && color !== undefined) parts.push(styled(color, name));
  if (request?.success) parts.push(...requestParts(request.data));
  else parts.push(printable(msg), ...detailParts(fields, name !== undefined));
  return `${parts.join('  ')}\n`;
}

function requestParts(request: z.output<typeof requestSchema>): string[] {
  const { status, method, route, durationMs, model, promptTokens, completionTokens } = request;
  const parts = [
    styled(status < 400 ? 'green' : status < 500 ? 'yellow' : 'red', String(status)),
    `${method} ${route ?? '(unknown path)'}`,
    `${Math.round(durationMs)} ms`,
  ];
  if (model) parts.push(model);
  if (typeof promptTokens === 'number' && typeof completionTokens === 'number')
    parts.push(`${promptTokens} + ${completionTokens} tokens`);
  if (typeof request.timeToFirstTokenMs === 'number')
    parts.push(`first after ${request.timeToFirstTokenMs} ms`);
  if (request.disconnected) parts.push('the client had gone');
  if (status >= 400 || request.disconnected) parts.push(styled('dim', request.requestId));
  return parts;
}

function detailParts(fields: Readonly<Record<string, unknown>>, everything: boolean): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const failure = name === 'err' ? failureSchema.safeParse(value) : null;
    if (failure?.success) return [`\n${printable(failure.data.stack ?? failure.data.message)}`];
    if (typeof value === 'object' && value !== null)
      return everything ? [styled('dim', `${name}=${JSON.stringify(value)}`)] : [];
    return [styled('dim', `${name}=${printable(String(value))}`)];
  });
}

/** In colour where the terminal of the log takes it. */
function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Without control characters, which could move the cursor or change what is shown. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, '?');
}

function timeOfDay(time: string): string {
  return new Date(time).toLocaleTimeString('en-GB');
}
