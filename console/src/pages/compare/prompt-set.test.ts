import { expect, test } from 'vitest';
import { promptText } from './comparison.ts';
import { csvRow, readCsv } from './csv.ts';
import { guessFormat, mostPrompts, readPromptSet } from './prompt-set.ts';

const texts = (text: string) => readPromptSet(text).prompts.map(promptText);

test('lines, CSV and JSON lines are told apart and read', () => {
  expect(texts('One?\n\n Two? \n')).toEqual(['One?', 'Two?']);
  expect(texts('id,prompt,reference\n1,"Say ""hi"", twice\nplease",hi\n')).toEqual([
    'Say "hi", twice\nplease',
  ]);
  expect(texts('{"prompt": "One?"}\n\n{"prompt": "Two?", "reference": "2"}')).toEqual(['One?', 'Two?']);
  expect(readPromptSet('{"prompt": "Two?", "reference": "2"}').prompts[0]?.reference).toBe('2');
  expect(guessFormat('prompt engineering, what is it?')).toBe('lines');
});

test('errors name the line', () => {
  expect(readPromptSet('{"prompt": "a"}\n{nonsense').error).toBe('Line 2: it is not JSON.');
  expect(readPromptSet('{"text": "a"}').error).toMatch(/^Line 1: expected/);
  expect(readPromptSet('a,b\n1,2', 'csv').error).toMatch(/no column is called “prompt”/);
  expect(readPromptSet('prompt,x\nok,1\n,2').error).toBe('Line 3: the prompt is empty.');
  expect(readPromptSet('prompt,x\n"open,1').error).toMatch(/^Line 2: a quote/);
  expect(readPromptSet('').error).toBe('There is no prompt in it.');
});

test('sets are bounded', () => {
  expect(readPromptSet('x\n'.repeat(mostPrompts + 1)).error).toMatch(/^There are 101 prompts/);
  expect(readPromptSet(`ok\n${'x'.repeat(20_001)}`).error).toMatch(/^Line 2: a prompt has up to/);
  expect(readPromptSet('x'.repeat(1_000_001)).error).toMatch(/over 1 MB/);
});

test('what is written as CSV reads back, and formulas are defused', () => {
  expect(readCsv(csvRow(['a "b", c', 'd\ne', 1, null]))).toEqual([
    { line: 1, cells: ['a "b", c', 'd\ne', '1', ''] },
  ]);
  expect(csvRow(['=1+1'])).toBe("'=1+1");
});
