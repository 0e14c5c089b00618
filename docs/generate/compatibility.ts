import { type ChatRequest, chatRequestSchema } from '@weai/protocol/chat-request';
import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import { ApiError } from '@weai/protocol/errors';
import type { Deployment, EngineKind } from '../../server/src/engines/deployment.ts';
import { kinds, unsupportedBy } from '../../server/src/engines/kinds.ts';
import { code, type Page, table } from './page.ts';

type Field = keyof ChatRequest;

const messages = [{ role: 'user', content: 'Hi' }];
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];

/** For every field a value that asks for something, with the fields that it needs beside it. */
const asking: Record<Field, Record<string, unknown>> = {
  model: { model: 'm' },
  messages: { messages },
  temperature: { temperature: 0.5 },
  top_p: { top_p: 0.9 },
  n: { n: 2 },
  stop: { stop: ['x'] },
  max_completion_tokens: { max_completion_tokens: 10 },
  max_tokens: { max_tokens: 10 },
  frequency_penalty: { frequency_penalty: 0.5 },
  presence_penalty: { presence_penalty: 0.5 },
  logit_bias: { logit_bias: { '338': 1 } },
  logprobs: { logprobs: true },
  top_logprobs: { logprobs: true, top_logprobs: 2 },
  seed: { seed: 1 },
  response_format: { response_format: { type: 'json_object' } },
  tools: { tools },
  tool_choice: { tools, tool_choice: 'required' },
  parallel_tool_calls: { tools, parallel_tool_calls: false },
  stream: { stream: true },
  stream_options: { stream: true, stream_options: { include_usage: true } },
  metadata: { metadata: { a: 'b' } },
  user: { user: 'u' },
  safety_identifier: { safety_identifier: 's' },
  prompt_cache_key: { prompt_cache_key: 'k' },
  top_k: { top_k: 40 },
  min_p: { min_p: 0.05 },
  repetition_penalty: { repetition_penalty: 1.1 },
  ignore_eos: { ignore_eos: true },
  store: { store: true },
  service_tier: { service_tier: 'flex' },
  reasoning_effort: { reasoning_effort: 'high' },
  verbosity: { verbosity: 'low' },
  modalities: { modalities: ['text', 'audio'] },
  prompt_cache_retention: { prompt_cache_retention: '24h' },
  function_call: { functions: [{ name: 'f' }], function_call: 'auto' },
  functions: { functions: [{ name: 'f' }] },
  audio: { audio: { voice: 'alloy', format: 'mp3' } },
  prediction: { prediction: { type: 'content', content: 'x' } },
  web_search_options: { web_search_options: {} },
  moderation: { moderation: { model: 'omni-moderation-latest' } },
  prompt_cache_options: { prompt_cache_options: {} },
};

/** What the table can't say in a word. */
const notes: Partial<Record<Field, string>> = {
  messages:
    'Roles `system`, `developer`, `user`, `assistant`, `tool`. `name` of a message is refused but for `tool`. Images need a deployment that takes them.',
  max_tokens: 'The older name of `max_completion_tokens`; not both.',
  tool_choice:
    'On Ollama only `auto` and `none`. Where an engine lacks a form, WeAI offers it only the chosen tools.',
  metadata: 'Up to 16 pairs, checked. Changes nothing in the answer.',
  user: 'Checked. Changes nothing in the answer.',
  safety_identifier: 'Checked. Changes nothing in the answer.',
  prompt_cache_key: 'Checked. Prompts are cached without it, for each project apart.',
  stream_options: '`include_usage`; `include_obfuscation` only `false`.',
  store: 'Kept where the project stores content (`store_content`); `true` is refused where it does not.',
  service_tier: 'Only `auto` and `default`.',
  reasoning_effort: 'Only `none`.',
  verbosity: 'Only `medium`.',
  modalities: 'Only `["text"]`.',
  prompt_cache_retention: 'Only `in_memory`.',
  function_call: 'Use `tool_choice`. Only `none`.',
  functions: 'Use `tools`.',
};

const extensions = new Set<Field>(['top_k', 'min_p', 'repetition_penalty', 'ignore_eos']);

const kindNames: Record<EngineKind, string> = {
  embedded: 'embedded',
  'llama-server': 'llama-server',
  vllm: 'vLLM',
  sglang: 'SGLang',
  ollama: 'Ollama',
  openai: 'other',
};

/** Honoured or refused: found by asking the very code that decides it for a request. */
export function verdict(field: Field, kind: EngineKind): 'honoured' | 'refused' {
  const deployment = { kind, modelId: 'm' } as Deployment;
  try {
    const request = parseChatRequest({ model: 'm', messages, ...asking[field] });
    return unsupportedBy(deployment, request) === null ? 'honoured' : 'refused';
  } catch (error) {
    if (error instanceof ApiError) return 'refused';
    throw error;
  }
}

/** Every field of a chat request × every kind of engine. */
export function compatibilityPage(): Page {
  const all = Object.keys(kinds) as EngineKind[];
  const row = (field: Field) => [
    code(field),
    ...all.map((kind) => (verdict(field, kind) === 'honoured' ? 'yes' : '**no**')),
  ];
  const fields = Object.keys(chatRequestSchema.shape) as Field[];
  const head = ['Field', ...all.map((kind) => kindNames[kind])];
  return {
    path: 'compatibility',
    title: 'Compatibility with OpenAI',
    description: 'Every field of a chat completion request: honoured or refused, for each kind of engine.',
    body: [
      'WeAI never ignores a field. **yes**: the field is honoured. **no**: a request that asks for something with it is refused with a 400',
      'whose `param` names it. `null` always means absent. A field that is in no table is refused with `unknown_parameter`.',
      '',
      'This page is computed by asking the code that decides about requests. That the engines do as it says is tested by one contract,',
      'run in `make test` against the embedded engine and against the same engine connected as a remote one.',
      '',
      '## Fields of the OpenAI API',
      '',
      table(head, fields.filter((field) => !extensions.has(field)).map(row)),
      '',
      ...fields.flatMap((field) => (notes[field] === undefined ? [] : [`- ${code(field)}: ${notes[field]}`])),
      '',
      '## Extensions for open models',
      '',
      'Names and ranges are vLLM’s. In Python they go through `extra_body`.',
      '',
      table(head, fields.filter((field) => extensions.has(field)).map(row)),
      '',
      '## What a deployment can do',
      '',
      'Besides its kind, each deployment says whether it takes images, calls tools, keeps to a format and reports log probabilities',
      '(`weai.capabilities` in `GET /v1/models`). A request for what none of a model’s deployments can do is refused by name.',
      '',
      '## Endpoints',
      '',
      'The [API reference](/docs/reference/api/chat/) lists all that there are. Others answer 404 with the code `unknown_url`.',
    ].join('\n'),
  };
}
