const code = /(^|\n)\s{0,3}(`{3,}|~{3,})[\s\S]*?(?:\n\s{0,3}\2[^\n]*|$)|(`+)[\s\S]*?\3/g;

/**
 * Writes formulas as `$$…$$`, whichever way a model wrote them: `\(…\)`, `\[…\]`, or `$…$` by Pandoc's rule (no space inside
 * the dollars, no digit after them), so that "$5 and $10" stays money. `$$…$$` that has a line to itself is displayed. Code stays as
 * it is.
 */
export function withDollarMath(text: string): string {
  if (!/[$\\]/.test(text)) return text;
  let result = '';
  let end = 0;
  for (const match of text.matchAll(code)) {
    result += convert(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return result + convert(text.slice(end));
}

function convert(text: string): string {
  return text
    .replace(/^([ \t]*)\$\$(?!\$)([^\n$]+)\$\$[ \t]*$/gm, (_all, indent: string, formula: string) =>
      ['$$', formula.trim(), '$$'].map((line) => indent + line).join('\n'),
    )
    .replace(/\\\[([\s\S]+?)\\\]/g, (_all, formula: string) => `\n$$\n${formula.trim()}\n$$\n`)
    .replace(/\\\(([\s\S]+?)\\\)/g, (_all, formula: string) => `$$${formula.trim()}$$`)
    .replace(
      /(?<![\\$\w])\$(?![\s$])([^$\n]*?[^\s$\\])\$(?![\d$])/g,
      (_all, formula: string) => `$$${formula}$$`,
    );
}
