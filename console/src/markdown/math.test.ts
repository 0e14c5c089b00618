import { expect, it } from 'vitest';
import { withDollarMath } from './math.ts';

it.each([
  ['Euler: \\(e^{i\\pi} = -1\\).', 'Euler: $$e^{i\\pi} = -1$$.'],
  ['\\[a\n+b\\]', '\n$$\na\n+b\n$$\n'],
  ['so $x^2$ grows', 'so $$x^2$$ grows'],
  ['between $5 and $10', 'between $5 and $10'],
  ['`$x$` and $y$', '`$x$` and $$y$$'],
  ['```\n$x$\n```\n$y$', '```\n$x$\n```\n$$y$$'],
  ['```\n$x$ still open', '```\n$x$ still open'],
  ['$$\nx\n$$', '$$\nx\n$$'],
  ['So:\n$$x^2 + 1$$\nis', 'So:\n$$\nx^2 + 1\n$$\nis'],
  ['- so\n  $$x$$ ', '- so\n  $$\n  x\n  $$'],
  ['so $$x$$', 'so $$x$$'],
  ['$$x$$ or $$y$$', '$$x$$ or $$y$$'],
  ['```\n$$x$$\n```', '```\n$$x$$\n```'],
  ['$HOME and $PATH', '$HOME and $PATH'],
])('%j becomes %j', (text, expected) => {
  expect(withDollarMath(text)).toBe(expected);
});
