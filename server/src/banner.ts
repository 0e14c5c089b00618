import type { ModelObject } from './models/registry.ts';

export interface BannerFacts {
  /** Where the server listens, without a slash at the end. */
  url: string;
  models: ModelObject[];
  keyFile: string;
  /** Where the first owner signs in, once; null when there is one. */
  ownerLink: string | null;
  /** The first key, on the start that made it. */
  newKey: string | null;
  color: boolean;
}

/**
 * What is printed once the server answers: at most 80 columns wide, unless a path or an address is longer. Its requests
 * end after 100 tokens, since the starter model may talk on for minutes otherwise.
 */
export function formatBanner({ url, models, keyFile, ownerLink, newKey, color }: BannerFacts): string {
  const bold = (text: string) => (color ? `\u001B[1m${text}\u001B[22m` : text);
  const dim = (text: string) => (color ? `\u001B[2m${text}\u001B[22m` : text);
  const field = (name: string, value: string) => `  ${dim(name.padEnd(9))}${value}`;
  const asked = models.find((model) => model.weai.served_by !== null)?.id ?? models[0]?.id ?? 'smollm2-135m';
  return [
    '',
    `  ${bold('WeAI is running.')} ${dim('Stop it with Ctrl-C.')}`,
    '',
    field('API', bold(`${url}/v1`)),
    field('Console', `${url}/`),
    field('Docs', `${url}/docs`),
    ...(ownerLink === null ? [] : [field('Owner', 'make yourself the owner, once:'), `  ${bold(ownerLink)}`]),
    ...describeModels(models).map((line, index) => field(index === 0 ? 'Models' : '', line)),
    field('Key', keyFile),
    ...(newKey === null
      ? []
      : [field('', bold(newKey)), field('', dim('shown this once; the file keeps it'))]),
    '',
    dim('  Copy into another terminal, in this directory:'),
    `  export WEAI_BASE_URL=${url}/v1 \\`,
    `    WEAI_API_KEY="$(cat ${quote(keyFile)})"`,
    '',
    dim('  curl'),
    '  curl "$WEAI_BASE_URL/chat/completions" -H "Content-Type: application/json" \\',
    '    -H "Authorization: Bearer $WEAI_API_KEY" \\',
    `    -d '{"model": "${asked}", "max_completion_tokens": 100,`,
    `      "messages": [{"role": "user", "content": "Hi"}]}'`,
    dim('  Python (pip install ./sdk/python)'),
    "  python3 -c 'from weai import WeAI; print(WeAI().chat.completions.create(",
    `    model="${asked}", max_completion_tokens=100,`,
    '    messages=[{"role": "user", "content": "Hi"}]',
    "    ).choices[0].message.content)'",
    dim('  Node.js (nothing to install in this directory)'),
    `  node -e 'new (require("weai").WeAI)().chat.completions.create({`,
    `    model: "${asked}", max_completion_tokens: 100,`,
    '    messages: [{ role: "user", content: "Hi" }]',
    "    }).then(({ choices }) => console.log(choices[0].message.content))'",
    '',
    '',
  ].join('\n');
}

function describeModels(models: ModelObject[]): string[] {
  const served = models.filter((model) => model.weai.served_by !== null);
  if (served.length === 0) return ['none answers yet; fetch one with: ./weai pull smollm2-135m'];
  return served.map((model) => {
    if (!model.weai.stand_in) return `${model.id} (${model.weai.status})`;
    return `${model.id} → ${model.weai.served_by?.model ?? ''} stands in; fix: ./weai pull ${model.id}`;
  });
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
