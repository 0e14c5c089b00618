import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DispatchNote } from './dispatch-note.ts';

function noting() {
  const told: string[] = [];
  return { note: new DispatchNote({ dispatched: (deploymentId) => told.push(deploymentId) }), told };
}

test('a dispatch is told after its turn', async () => {
  const { note, told } = noting();
  note.later('first');
  expect(told).toEqual([]);
  await turn();
  expect(told).toEqual(['first']);
});

test('a dispatch is told at once where more is to be said of the request, and only then', async () => {
  const { note, told } = noting();
  note.now();
  note.later('first');
  note.now();
  note.now();
  expect(told).toEqual(['first']);
  await turn();
  expect(told).toEqual(['first']);
});

test('each of two dispatches in one turn is told, in their order', async () => {
  const { note, told } = noting();
  note.later('first');
  note.later('second');
  await turn();
  expect(told).toEqual(['first', 'second']);
});
