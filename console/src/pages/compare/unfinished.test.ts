import { expect, test } from 'vitest';
import type { KeptAnswer, Measured, Result } from './comparison.ts';
import { mergedAnswers, unfinishedOf, withAnswer } from './unfinished.ts';

function answer(place: string, content: string, fields: Partial<KeptAnswer> = {}): KeptAnswer {
  const [promptId = '', contestantId = ''] = place.split(' ');
  return {
    prompt_id: promptId,
    contestant_id: contestantId,
    measured: 'together',
    content,
    metrics: { finish_reason: 'stop' },
    ...fields,
  };
}

const endedBy = (reason: string) => ({ metrics: { finish_reason: reason } });

function resultOf(answers: KeptAnswer[]): Result {
  return {
    id: null,
    version: 0,
    title: '',
    visibility: 'private',
    canEdit: true,
    blind: false,
    contestants: ['a', 'b'].map((id) => ({ id, settings: {} })),
    prompts: ['1', '2'].map((id) => ({ id, messages: [{ role: 'user' as const, content: id }] })),
    answers,
  };
}

function owed(answers: KeptAnswer[]): [Measured, string[]] | null {
  const open = unfinishedOf(resultOf(answers));
  return open && [open.measured, [...open.contestants].map(([id, who]) => `${id} ${[...who].join('')}`)];
}

test('what was never asked, interrupted, stopped or failed is unfinished', () => {
  const whole = [answer('1 a', ''), answer('1 b', 'x', endedBy('length')), answer('2 a', 'y')];
  expect(owed([])).toEqual(['together', ['1 ab', '2 ab']]);
  expect(owed(whole)).toEqual(['together', ['2 b']]);
  expect(owed([...whole, answer('2 b', 'z', endedBy('cut'))])).toEqual(['together', ['2 b']]);
  expect(owed([...whole, answer('2 b', 'z', endedBy('stopped'))])).toEqual(['together', ['2 b']]);
  expect(owed([...whole, answer('2 b', '', { error: { message: 'No.' } })])).toEqual(['together', ['2 b']]);
  expect(owed([...whole, answer('2 b', 'z')])).toBeNull();
});

test('of what was measured twice the last counts', () => {
  const together = ['1 a', '1 b', '2 a', '2 b'].map((place) => answer(place, 'x'));
  expect(owed([...together, answer('1 a', 'x', { measured: 'alone' })])).toEqual(['alone', ['1 b', '2 ab']]);
});

test('an answer takes the place of an earlier one, but no part takes that of a whole one', () => {
  const part = answer('1 a', 'pa', endedBy('cut'));
  const longer = answer('1 a', 'part', endedBy('cut'));
  const whole = answer('1 a', 'whole');
  const other = answer('1 b', 'other');
  expect(withAnswer([part, other], whole)).toEqual([other, whole]);
  expect(mergedAnswers([part], [longer])).toEqual([longer]);
  expect(mergedAnswers([whole], [longer, other])).toEqual([whole, other]);
  expect(mergedAnswers([part, other], [whole])).toEqual([other, whole]);
});
