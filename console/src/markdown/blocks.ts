/**
 * Cuts a Markdown text into blocks that can be rendered apart, so that while a text grows only its last block is rendered
 * anew. It cuts at blank lines alone, and never inside a fence, a formula, a list or anything indented.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence: string | null = null;
  let afterBlank = false;
  for (const line of text.split('\n')) {
    const inside = fence !== null || continues(block, line);
    if (afterBlank && !inside && line.trim() !== '') {
      blocks.push(block.join('\n'));
      block = [];
    }
    block.push(line);
    fence = fenceAfter(fence, line);
    afterBlank = line.trim() === '';
  }
  blocks.push(block.join('\n'));
  return blocks.filter((each) => each.trim() !== '');
}

const listItem = /^\s{0,3}(?:[-*+]|\d{1,9}[.)])\s/;

/** Whether a line that follows a blank one may belong to the block before it. */
function continues(block: readonly string[], line: string): boolean {
  if (/^\s/.test(line)) return true;
  return listItem.test(block[0] ?? '') && listItem.test(line);
}

/** The fence (of code or of a formula) that is open after a line, by its marks. */
function fenceAfter(open: string | null, line: string): string | null {
  const marks = /^\s{0,3}(`{3,}|~{3,}|\$\$)(.*)$/.exec(line);
  if (marks === null) return open;
  const [, mark = '', rest = ''] = marks;
  if (open === null) return mark === '$$' && rest.includes('$$') ? null : mark;
  return mark[0] === open[0] && mark.length >= open.length && rest.trim() === '' ? null : open;
}
