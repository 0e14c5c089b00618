import { expect, test } from 'vitest';
import type { Model } from '../../api/models.ts';
import { oneMore, type Contestant } from './comparison.ts';

function model(id: string, status: Model['status'] = 'ready'): Model {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no more of it is looked at
  return { id, status } as Model;
}

test('one more contestant is a model that is not there yet, with the settings of the one before', () => {
  const contestants: Contestant[] = [
    { id: '1', settings: { model: 'small' } },
    { id: '2', settings: { model: 'middle', max_completion_tokens: 300 } },
  ];
  const models = [model('small'), model('away', 'unavailable'), model('middle'), model('large')];
  expect(oneMore(contestants, models).settings).toEqual({ model: 'large', max_completion_tokens: 300 });
});

test('where all that answer take part, it is the one before again', () => {
  const contestants: Contestant[] = [{ id: '1', settings: { model: 'small', temperature: 0 } }];
  const more = oneMore(contestants, [model('small')]);
  expect(more.settings).toEqual({ model: 'small', temperature: 0 });
  expect(more.id).not.toBe('1');
});
