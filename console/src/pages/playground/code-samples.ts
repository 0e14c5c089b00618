import type { ChatRequest } from '../../api/chat-stream.ts';

export type SampleLanguage = 'curl' | 'python' | 'node';

export interface SampleFields {
  request: ChatRequest;
  /** Base address of the API, with `/v1`. */
  baseUrl: string;
  /** Null leaves a variable to be set. */
  apiKey: string | null;
}

/** Fields that the OpenAI clients know; others go through `extra_body` in Python. */
const extensions = new Set(['top_k', 'min_p', 'repetition_penalty', 'ignore_eos']);

/** A program that sends the request and prints the answer as it comes, ready to be pasted and run. */
export function codeSample(language: SampleLanguage, fields: SampleFields): string {
  return { curl: curlSample, python: pythonSample, node: nodeSample }[language](fields);
}

function curlSample({ request, baseUrl, apiKey }: SampleFields): string {
  const body = JSON.stringify(request, null, 2).replaceAll("'", String.raw`'\''`);
  const key = apiKey === null ? '"Authorization: Bearer $WEAI_API_KEY"' : `"Authorization: Bearer ${apiKey}"`;
  return [
    `curl ${baseUrl}/chat/completions \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -H ${key} \\`,
    `  -d '${body}'`,
  ].join('\n');
}

function pythonSample({ request, baseUrl, apiKey }: SampleFields): string {
  const known = Object.entries(request).filter(([name]) => !extensions.has(name));
  const extra = Object.entries(request).filter(([name]) => extensions.has(name));
  const lines = [
    ...known,
    ...(extra.length > 0 ? [['extra_body', Object.fromEntries(extra)] as const] : []),
  ].map(([name, value]) => `    ${name}=${pythonLiteral(value, 4)},`);
  return [
    '# pip install openai',
    ...(apiKey === null ? ['import os', ''] : []),
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url=${JSON.stringify(baseUrl)},`,
    `    api_key=${apiKey === null ? 'os.environ["WEAI_API_KEY"]' : JSON.stringify(apiKey)},`,
    ')',
    'stream = client.chat.completions.create(',
    ...lines,
    '    stream=True,',
    ')',
    'for chunk in stream:',
    '    if chunk.choices:',
    '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
    'print()',
  ].join('\n');
}

function nodeSample({ request, baseUrl, apiKey }: SampleFields): string {
  const body = JSON.stringify({ ...request, stream: true }, null, 2).replaceAll(
    /^( *)"([A-Za-z_]\w*)":/gm,
    '$1$2:',
  );
  return [
    '// npm install openai, then: node example.mjs',
    "import OpenAI from 'openai';",
    '',
    'const client = new OpenAI({',
    `  baseURL: ${JSON.stringify(baseUrl)},`,
    `  apiKey: ${apiKey === null ? 'process.env.WEAI_API_KEY' : JSON.stringify(apiKey)},`,
    '});',
    `const stream = await client.chat.completions.create(${body});`,
    'for await (const chunk of stream) {',
    "  process.stdout.write(chunk.choices[0]?.delta.content ?? '');",
    '}',
    "process.stdout.write('\\n');",
  ].join('\n');
}

/** A JSON value as Python writes it. */
function pythonLiteral(value: unknown, indent: number): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  // JSON's escapes are Python's too, but for `\/`, which JSON.stringify doesn't write.
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = ' '.repeat(indent + 4);
  const lines = Array.isArray(value)
    ? value.map((each) => `${inner}${pythonLiteral(each, indent + 4)},`)
    : Object.entries(value).map(
        ([name, each]) => `${inner}${JSON.stringify(name)}: ${pythonLiteral(each, indent + 4)},`,
      );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return lines.length === 0
    ? `${open}${close}`
    : `${open}\n${lines.join('\n')}\n${' '.repeat(indent)}${close}`;
}
