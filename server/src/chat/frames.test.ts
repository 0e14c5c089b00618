import { afterEach, describe, expect, test } from 'vitest';
import {
  bytes,
  chunk,
  events,
  type Script,
  ScriptedUpstream,
  usage,
} from '../engines/testing/scripted-upstream.ts';
import { chatServer, post } from './testing.ts';

/** What engines send is not always one frame after the other, each once and whole. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(script: Script): Promise<string> {
  const upstream = await new ScriptedUpstream(script).listen();
  const { app, url } = await chatServer([upstream.deployment()]);
  closing.push(
    () => upstream.close(),
    () => app.close(),
  );
  return url;
}

/** What a client saw: texts, roles, finishes, usages and ends, in order. */
async function seen(script: Script): Promise<string[]> {
  const response = await post(await serve(script), { stream: true, stream_options: { include_usage: true } });
  const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('data: '));
  return frames.map((frame) => {
    if (frame === 'data: [DONE]') return 'done';
    const { choices, usage, error } = JSON.parse(frame.slice(6));
    if (error) return `error ${error.code}`;
    if (choices.length === 0) return `usage ${usage.completion_tokens}`;
    const [{ delta, finish_reason }] = choices;
    return finish_reason === null ? (delta.role ?? delta.content) : `finish ${finish_reason}`;
  });
}

const role = chunk({ role: 'assistant', content: '' });
const text = chunk({ content: 'Hellö 🐢' });
const finish = chunk({}, 'stop');
const counts = usage(10, 3, 4);
const whole = ['assistant', 'Hellö 🐢', 'finish stop', 'usage 3', 'done'];

describe('frames that come twice', () => {
  test.each<[string, string]>([
    ['none', events(role, text, finish, counts)],
    ['the role', events(role, role, text, finish, counts)],
    ['the finish', events(role, text, finish, finish, counts)],
    ['the usage', events(role, text, finish, counts, counts)],
    ['the end', `${events(role, text, finish, counts)}data: [DONE]\n\n`],
    ['everything, after the end', events(role, text, finish, counts).repeat(2)],
  ])('%s: the client gets each once', async (_name, stream) => {
    expect(await seen(bytes(stream))).toEqual(whole);
  });
});

describe('frames that are cut', () => {
  const stream = Buffer.from(events(role, text, finish, counts));
  const turtle = stream.indexOf(Buffer.from('🐢'));

  test('at any byte of a character, and put together again', async () => {
    for (let cut = turtle; cut <= turtle + 4; cut += 1) {
      const inTwo: Script = (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(stream.subarray(0, cut));
        setTimeout(() => response.end(stream.subarray(cut)), 5);
      };
      expect(await seen(inTwo)).toEqual(whole);
    }
  });

  test('at any byte of the stream, for good: an error, and never a made-up finish', async () => {
    const end = stream.indexOf('"finish_reason":"stop"');
    let cut = 0;
    const url = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(stream.subarray(0, cut), () => setTimeout(() => response.destroy(), 2));
    });
    for (cut = 1; cut < end; cut += 17) {
      const answer = await (await post(url, { stream: true })).text();
      expect(answer, `cut at ${cut}`).toMatch(/"code":"engine_(crashed|unavailable|error)"/);
      expect(answer, `cut at ${cut}`).not.toMatch(/\[DONE\]|"finish_reason":"/);
    }
  });

  test('a character that is broken for good is shown as one, and the answer goes on', async () => {
    const broken = Buffer.concat([stream.subarray(0, turtle + 2), stream.subarray(turtle + 4)]);
    const frames = await seen((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(broken);
    });
    expect(frames.slice(2)).toEqual(whole.slice(2));
    expect(frames[1]).toMatch(/^Hellö \uFFFD+$/);
  });
});
