/** One test as pytest reported it; `failure` is null when it passed. A skipped test counts as failed. */
export interface PythonTest {
  name: string;
  failure: string | null;
}

/** Reads pytest's JUnit report. */
export function readReport(xml: string): PythonTest[] {
  return Array.from(xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs), (match) => {
    const [, attributes = '', content = ''] = match;
    const file = /classname="([^"]*)"/.exec(attributes)?.[1] ?? '';
    const name = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? '';
    const failure = /<(?:failure|error|skipped)\b([^>]*)>/.test(content) ? unescape(content) : null;
    return { name: unescape(`${file} ${name}`), failure };
  });
}

function unescape(text: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', '#10': '\n' };
  return text.replaceAll(/&(lt|gt|quot|amp|#10);/g, (_entity, name: string) => characters[name] ?? '');
}
