import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { AxeResults } from 'axe-core';
import { setTheme } from './screenshots.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** All rules in one theme; in the other those that depend on colours, since nothing else changes with it. */
const rules = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/** What axe finds against WCAG 2.2 AA, in both themes, as lines that name the rule and the element; empty when all is well. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const problems: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await setTheme(page, theme);
    // Evaluated, not added as an element: the page's policy lets no foreign script in.
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>(
      `axe.run({ runOnly: ${JSON.stringify(rules[theme])} })`,
    );
    for (const { id, nodes } of violations)
      for (const node of nodes)
        problems.push(`${theme}: ${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`);
  }
  await setTheme(page, 'light');
  return problems;
}
