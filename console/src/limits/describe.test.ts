import { expect, test } from 'vitest';
import { formatBudget } from './describe.ts';

test('budgets are told in cents, smaller sums as they are', () => {
  expect(['0', '0.00', '5', '1250.5', '0.000400'].map(formatBudget)).toEqual([
    '$0.00',
    '$0.00',
    '$5.00',
    '$1,250.50',
    '$0.0004',
  ]);
});
