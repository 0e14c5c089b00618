import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, type Page, plain, table } from './page.ts';
import { fieldRows, type Schema, type Schemas } from './schema.ts';

interface Body {
  description?: string;
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: Body;
  responses?: Record<string, Body>;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What an address answers; `parameters` are those of each of its operations. */
type PathItem = Partial<Record<Method, Operation>> & { parameters?: Operation['parameters'] };

const methods: Method[] = ['post', 'get', 'put', 'patch', 'delete'];

/** The operations of an address, with its own parameters; what makes something comes first. */
export function operationsOf(item: PathItem): [Method, Operation][] {
  return methods.flatMap((method): [Method, Operation][] => {
    const operation = item[method];
    const parameters = [...(item.parameters ?? []), ...(operation?.parameters ?? [])];
    return operation === undefined ? [] : [[method, { ...operation, parameters }]];
  });
}

/** The API's description, as the server's schemas generate it. */
export interface Description {
  security?: Record<string, unknown>[];
  paths: Record<string, PathItem>;
  components?: { schemas?: Schemas; securitySchemes?: Record<string, { description?: string }> };
}

/** openapi.json of this checkout. */
export function readDescription(): Description {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8'));
}

const titles: Record<string, string> = {
  chat: 'Chat completions',
  auth: 'Sign-in',
  me: 'The signed-in person',
  'organization-admin_api_keys': 'Admin API keys',
  health: 'Health',
};

/** A page for each resource, in the order of the description. */
export function apiPages(description = readDescription()): Page[] {
  const groups = new Map<string, string[]>();
  for (const [path, item] of Object.entries(description.paths)) {
    const sections = operationsOf(item).map(([method, operation]) =>
      describe({ description, path, method, operation }),
    );
    const group = groupOf(path);
    groups.set(group, [...(groups.get(group) ?? []), ...sections]);
  }
  return Array.from(groups, ([group, sections], index) => {
    const title = titles[group] ?? capitalized(group.replace(/^organization-/, '').replaceAll(/[-_]/g, ' '));
    return {
      path: `api/${group.replaceAll('_', '-')}`,
      title,
      description: `Reference of the API: ${title.toLowerCase()}.`,
      order: index,
      body: [
        'Field paths are written as an error’s `param` names them. A field that may be `null` may also be left away.',
        '',
        ...sections,
      ].join('\n'),
    };
  });
}

/** `/v1/organization/projects/{id}/api_keys` → `organization-projects`; `/readyz` → `health`. */
function groupOf(path: string): string {
  const names = path.split('/').filter((part) => part !== '' && part !== 'v1' && !part.startsWith('{'));
  const [first = '', second] = names;
  if (/^(healthz|readyz|metrics)$/.test(first)) return 'health';
  return ['organization', 'playground'].includes(first) && second !== undefined
    ? `${first}-${second}`
    : first;
}

interface Described {
  description: Description;
  path: string;
  method: string;
  operation: Operation;
}

function describe({ description, path, method, operation }: Described): string {
  const schemas = description.components?.schemas ?? {};
  const { summary, parameters = [], requestBody, responses = {} } = operation;
  const request = requestBody?.content?.['application/json']?.schema;
  const lines = [
    `## ${capitalized(plain(summary ?? operation.operationId ?? path))}`,
    '',
    `\`\`\`http\n${method.toUpperCase()} ${path}\n\`\`\``,
    '',
    credential(operation.security ?? description.security ?? [], description),
    '',
  ];
  if (operation.description !== undefined) lines.push(plain(operation.description), '');
  if (parameters.length > 0) {
    const rows = parameters.map((parameter) => [
      code(parameter.name),
      parameter.in,
      [
        parameter.required === true ? '**Required.**' : '',
        plain(parameter.description ?? parameter.schema?.description ?? ''),
      ]
        .filter(Boolean)
        .join(' '),
    ]);
    lines.push('**Parameters**', '', table(['Name', 'In', 'What it is'], rows), '');
  }
  if (request !== undefined) {
    const rows = fieldRows(request, schemas);
    if (rows.length > 0)
      lines.push('**Request body** (JSON)', '', table(['Field', 'Type', 'What it is'], rows), '');
  }
  for (const [status, response] of Object.entries(responses)) {
    const schema = response.content?.['application/json']?.schema;
    const streamed = response.content?.['text/event-stream']?.schema;
    const failure = Number(status) >= 400 || status === 'default';
    lines.push(`**${status === 'default' ? 'Errors' : status}** ${plain(response.description ?? '')}`, '');
    if (failure) {
      lines.push('An [error](/docs/reference/errors/).', '');
      continue;
    }
    const rows = schema === undefined ? [] : fieldRows(schema, schemas);
    if (rows.length > 0) lines.push(table(['Field', 'Type', 'What it is'], rows), '');
    if (streamed !== undefined) {
      lines.push(
        'Streamed, each event holds:',
        '',
        table(['Field', 'Type', 'What it is'], fieldRows(streamed, schemas)),
        '',
      );
    }
  }
  return lines.join('\n');
}

function credential(security: Record<string, unknown>[], description: Description): string {
  const names = security.flatMap((each) => Object.keys(each));
  if (names.length === 0) return 'Open: needs no key.';
  const known = names.map((name) => {
    const text = description.components?.securitySchemes?.[name]?.description;
    return text === undefined ? code(name) : plain(text.replace(/\.$/, ''));
  });
  return known.length === 1
    ? `Needs: ${known.join('')}.`
    : `Needs one of:\n\n${known.map((each) => `- ${each}.`).join('\n')}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
