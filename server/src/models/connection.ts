import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';
import type { EngineKind } from '../engines/deployment.ts';
import { textWithin } from '../engines/bounded-body.ts';
import { errorMessage } from './download-errors.ts';

export interface ConnectionTestOptions {
  /** Ends in `/v1`. */
  baseUrl: string;
  /** Name of the model here: what is asked for upstream unless `upstreamModel` says otherwise. */
  modelId: string;
  upstreamModel?: string | undefined;
  apiKey: string | null;
  /** Found out if not given. */
  kind?: EngineKind | undefined;
  /** For the answer of one token: an engine may have to load the model first. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** What an engine turned out to be. */
export interface TestedConnection {
  kind: EngineKind;
  upstreamModel: string;
  contextTokens: number | null;
}

/** What of a connection has to be changed. */
export type ConnectionField = 'modelId' | 'url' | 'upstreamModel' | 'apiKeyEnv';

/** The engine can't be used as it was given; the message says what to change. */
export class ConnectionTestError extends Error {
  override name = 'ConnectionTestError';
  readonly field: ConnectionField;
  /** What the engine itself said: for a person at this machine, never for an answer of the API. */
  readonly said: string | null;

  constructor(
    field: ConnectionField,
    message: string,
    options: { said?: string | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.field = field;
    this.said = options.said ?? null;
  }
}

/** Model lists are some kilobytes; an answer of one token is less. */
const mostAnswerBytes = 4 * 1024 * 1024;

/** An entry of `/v1/models` with what kinds of engines add to it. */
const upstreamModelSchema = z.object({
  id: z.string(),
  owned_by: z.string().nullish(),
  /** vLLM and SGLang. */
  max_model_len: z.number().int().positive().nullish(),
  /** llama-server and WeAI's own engine. */
  meta: z
    .object({
      n_ctx: z.number().int().positive().nullish(),
      n_ctx_train: z.number().int().positive().nullish(),
      context_tokens: z.number().int().positive().nullish(),
      tool_format: z.unknown().optional(),
    })
    .nullish(),
});
const modelListSchema = z.object({ data: z.array(upstreamModelSchema) });
const completionSchema = z.object({ choices: z.array(z.object({ message: z.object({}) })).min(1) });

type UpstreamModel = z.infer<typeof upstreamModelSchema>;

/** Lists the engine's models, finds out its kind, and has one token generated. Throws ConnectionTestError. */
export async function testConnection(options: ConnectionTestOptions): Promise<TestedConnection> {
  const dispatcher = new Agent({ connect: { timeout: 10_000 } });
  try {
    const client = new Client(options, dispatcher);
    const models = await client.models();
    const model = chooseModel(models, options);
    const kind = options.kind ?? (await client.kind(model));
    await client.oneToken(model.id);
    const contextTokens =
      model.max_model_len ??
      model.meta?.context_tokens ??
      model.meta?.n_ctx ??
      model.meta?.n_ctx_train ??
      null;
    return { kind, upstreamModel: model.id, contextTokens };
  } finally {
    await dispatcher.destroy();
  }
}

function chooseModel(models: readonly UpstreamModel[], options: ConnectionTestOptions): UpstreamModel {
  const { modelId, upstreamModel, baseUrl } = options;
  const wanted = upstreamModel ?? modelId;
  const exact = models.find(({ id }) => id === wanted);
  if (exact !== undefined) return exact;
  // Some gateways answer for more than they list.
  if (upstreamModel !== undefined && models.length === 0) return { id: upstreamModel };
  const [only] = models;
  if (upstreamModel === undefined && only !== undefined && models.length === 1) return only;
  // Names come from outside: only what can be one is shown.
  const names = models.map(({ id }) => id).filter((id) => /^[\w.:/@+-]{1,128}$/.test(id));
  throw new ConnectionTestError(
    'upstreamModel',
    names.length === 0
      ? `${baseUrl} lists no models. Name the one to ask for.`
      : `${baseUrl} has no model ${wanted}. Name one that it has: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`,
  );
}

class Client {
  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;
  readonly #dispatcher: Dispatcher;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor({ baseUrl, apiKey, timeoutMs, signal }: ConnectionTestOptions, dispatcher: Dispatcher) {
    this.#baseUrl = baseUrl;
    this.#headers = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
    this.#dispatcher = dispatcher;
    this.#timeoutMs = timeoutMs ?? 120_000;
    this.#signal = signal;
  }

  async models(): Promise<UpstreamModel[]> {
    const { status, json } = await this.#send('GET', `${this.#baseUrl}/models`);
    this.#refuseKeyErrors(status);
    const parsed = modelListSchema.safeParse(json);
    if (status !== 200 || !parsed.success) {
      throw new ConnectionTestError(
        'url',
        `${this.#baseUrl}/models answered ${status}, and not with a list of models: is this the address of an OpenAI-compatible API?`,
      );
    }
    return parsed.data.data;
  }

  /** By what the model list says, else by paths that only one kind has. */
  async kind(model: UpstreamModel): Promise<EngineKind> {
    if (model.meta?.tool_format !== undefined) return 'embedded';
    const owners: Record<string, EngineKind> = {
      vllm: 'vllm',
      sglang: 'sglang',
      llamacpp: 'llama-server',
      library: 'ollama',
    };
    const byOwner = owners[model.owned_by ?? ''];
    if (byOwner !== undefined) return byOwner;
    const root = this.#baseUrl.replace(/\/v1$/, '');
    const signs: [EngineKind, string, z.ZodType][] = [
      ['llama-server', '/props', z.object({ default_generation_settings: z.object({}) })],
      ['ollama', '/api/version', z.object({ version: z.string() })],
      ['sglang', '/get_model_info', z.object({ model_path: z.string() })],
      ['vllm', '/version', z.object({ version: z.string() })],
    ];
    for (const [kind, path, schema] of signs) {
      try {
        const { status, json } = await this.#send('GET', `${root}${path}`, undefined, 5_000);
        if (status === 200 && schema.safeParse(json).success) return kind;
      } catch (error) {
        // Paths of other engines may do anything here; only the OpenAI ones must work.
        if (!(error instanceof ConnectionTestError)) throw error;
      }
    }
    return 'openai';
  }

  async oneToken(model: string): Promise<void> {
    const ask = (limit: object) =>
      this.#send('POST', `${this.#baseUrl}/chat/completions`, {
        model,
        messages: [{ role: 'user', content: 'Hi' }],
        ...limit,
      });
    let answer = await ask({ max_tokens: 1 });
    // Some endpoints know only the newer name.
    if (answer.status === 400) answer = await ask({ max_completion_tokens: 1 });
    this.#refuseKeyErrors(answer.status);
    if (answer.status !== 200 || !completionSchema.safeParse(answer.json).success) {
      throw new ConnectionTestError(
        'upstreamModel',
        `${this.#baseUrl} lists the model, but a request of one token to it was answered with ${answer.status}.`,
        { said: messageOf(answer.json) },
      );
    }
  }

  #refuseKeyErrors(status: number): void {
    if (status !== 401 && status !== 403) return;
    const sent = this.#headers['authorization'] !== undefined;
    throw new ConnectionTestError(
      'apiKeyEnv',
      sent
        ? `${this.#baseUrl} refuses the key (${status}). Check the value of the variable that holds it.`
        : `${this.#baseUrl} wants a key (${status}). Put it into an environment variable and name that.`,
    );
  }

  async #send(
    method: 'GET' | 'POST',
    url: string,
    body?: object,
    timeoutMs = this.#timeoutMs,
  ): Promise<{ status: number; json: unknown }> {
    const signals = [AbortSignal.timeout(timeoutMs), ...(this.#signal === undefined ? [] : [this.#signal])];
    let text: string | null;
    let status: number;
    try {
      const response = await request(url, {
        method,
        dispatcher: this.#dispatcher,
        headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any(signals),
      });
      status = response.statusCode;
      text = await textWithin(response.body, mostAnswerBytes);
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw new ConnectionTestError(
        'url',
        `${new URL(url).host} can't be reached (${errorMessage(error)}). Is the engine running, and the address right as seen from this machine?`,
        { cause: error },
      );
    }
    if (text === null) {
      throw new ConnectionTestError('url', `${url} answered with more than ${mostAnswerBytes} bytes.`);
    }
    return { status, json: parseJson(text) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schemas refuse it with a better sentence.
    return null;
  }
}

function messageOf(json: unknown): string | null {
  const parsed = z.object({ error: z.object({ message: z.string() }) }).safeParse(json);
  return parsed.success ? parsed.data.error.message.slice(0, 300) : null;
}
