import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { logText } from './log-text.ts';

function text(fields: Record<string, unknown>): string {
  const line = { level: 30, time: '2026-11-28T12:19:36.652Z', ...fields };
  return stripVTControlCharacters(logText(JSON.stringify(line))).replace(/^\d\d:\d\d:\d\d {2}/, '');
}

const chat = {
  msg: 'request',
  requestId: 'req_1',
  method: 'POST',
  route: '/v1/chat/completions',
  status: 200,
  durationMs: 341.9,
  keyId: 'key-1',
  model: 'smollm2-135m',
  promptTokens: 31,
  completionTokens: 5,
  timeToFirstTokenMs: 269,
};

test('a request in one short line', () => {
  expect(text(chat)).toBe(
    '200  POST /v1/chat/completions  342 ms  smollm2-135m  31 + 5 tokens  first after 269 ms\n',
  );
});

test('a refused or left request says by which id it is found', () => {
  const { requestId, method, durationMs, msg } = chat;
  const refused = { msg, requestId, method, durationMs, route: null, status: 404 };
  expect(text(refused)).toBe('404  POST (unknown path)  342 ms  req_1\n');
  expect(text({ ...chat, disconnected: true })).toContain('  the client had gone  req_1\n');
});

test('what happened, with what belongs to it', () => {
  const ready = {
    msg: 'engine',
    deployment: 'embedded/smollm2-135m',
    state: 'ready',
    engine: { threads: 2 },
  };
  expect(text(ready)).toBe('engine  deployment=embedded/smollm2-135m  state=ready\n');
});

test('warnings and errors are named and keep every detail, errors their stack', () => {
  expect(text({ level: 40, msg: 'Redis is away', engine: { threads: 2 } })).toBe(
    'warn  Redis is away  engine={"threads":2}\n',
  );
  const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at there' };
  expect(text({ level: 50, msg: 'it failed', err })).toBe('error  it failed  \nError: no\n    at there\n');
});

test('control characters cannot reach the terminal', () => {
  expect(
    logText(JSON.stringify({ level: 40, time: '2026-11-28T12:19:36.652Z', msg: 'x', reason: '\u001b[2Jy' })),
  ).not.toContain('\u001b[2J');
});
