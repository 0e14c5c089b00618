import { expect, it } from 'vitest';
import { splitBlocks } from './blocks.ts';

it.each([
  ['one\n\ntwo', ['one\n', 'two']],
  ['one\ntwo', ['one\ntwo']],
  ['```js\na\n\nb\n```\n\nafter', ['```js\na\n\nb\n```\n', 'after']],
  ['````md\n```\n\n```\n\n````\n\nafter', ['````md\n```\n\n```\n\n````\n', 'after']],
  ['```\nopen\n\nstill', ['```\nopen\n\nstill']],
  ['$$\nx\n\ny\n$$\n\nafter', ['$$\nx\n\ny\n$$\n', 'after']],
  ['$$x$$\n\nafter', ['$$x$$\n', 'after']],
  ['- a\n\n- b\n\n  more\n\nafter', ['- a\n\n- b\n\n  more\n', 'after']],
  ['1. a\n\n2. b', ['1. a\n\n2. b']],
  ['', []],
])('%j has the blocks %j', (text, blocks) => {
  expect(splitBlocks(text)).toEqual(blocks);
});

it('changes only the last block while a text grows', () => {
  const text = '# Title\n\nSome *words*.\n\n- a\n- b\n\n```js\nlet x;\n\nx = 1;\n```\n\nThe end.\n';
  let before: string[] = [];
  for (let length = 1; length <= text.length; length += 1) {
    const now = splitBlocks(text.slice(0, length));
    for (const [index, block] of before.slice(0, -1).entries())
      expect(now[index]?.trimEnd()).toBe(block.trimEnd());
    before = now;
  }
  expect(before).toHaveLength(5);
});
