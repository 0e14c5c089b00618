import { expect } from 'vitest';

const attempts = 10;

/**
 * Asks the same ten times and gives the answers that came at least twice. Equal requests get equal answers while their prefix is
 * computed the same way; llama.cpp's sums depend on the size of a batch, on where in memory a prefix lies and on the number of
 * threads, so any of these may tip a near tie. That is why one pair alone proves nothing, and OpenAI calls its seed a best effort too.
 */
export async function repeatedAnswers(ask: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let asked = 0; asked < attempts; asked += 1) answers.push(await ask());
  return [...new Set(answers)].filter((answer) => answers.filter((each) => each === answer).length > 1);
}

/**
 * Asks in two ways by turns until they have an answer in common, and fails when ten of each have none. One pair alone may differ where
 * both ways are right, for the reasons of `repeatedAnswers`; ways that mean something else never meet.
 */
export async function expectCommonAnswer(
  ask: () => Promise<string>,
  askOtherwise: () => Promise<string>,
): Promise<void> {
  const answers = new Set<string>();
  const others = new Set<string>();
  for (let asked = 0; asked < attempts; asked += 1) {
    answers.add(await ask());
    others.add(await askOtherwise());
    if (!answers.isDisjointFrom(others)) return;
  }
  expect([...others], 'answers of ten tries in both ways').toEqual([...answers]);
}
