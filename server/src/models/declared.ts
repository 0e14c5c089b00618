import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { TokenPrice } from '../ledger/prices.ts';
import { parseDollars } from '../money.ts';
import type { Config } from '../config.ts';
import { errorMessage, systemErrorCode } from './download-errors.ts';
import {
  AddressError,
  engineKinds,
  modelIdPattern,
  normalizeBaseUrl,
  type RemoteDeployment,
} from './remotes.ts';
import { fileSize } from './weights.ts';
import type { Licence } from './catalogue.ts';

/** Weights that are on this machine already and are served where they lie. */
interface DeclaredWeights {
  modelId: string;
  path: string;
  sizeBytes: number;
  created: number;
}

/** What the operator says of a model, whatever serves it; null where nothing. */
interface DeclaredDescription {
  title: string | null;
  ownedBy: string | null;
  contextTokens: number | null;
  licence: Licence | null;
}

/** What a `weai.yaml` says. */
export interface Declarations {
  /** The file that was read; null if there is none. */
  file: string | null;
  remotes: RemoteDeployment[];
  weights: DeclaredWeights[];
  /** By model. */
  descriptions: Map<string, DeclaredDescription>;
  /** Nano-dollars for a million tokens, by model. */
  tokenPrices: Map<string, TokenPrice>;
  /** Nano-dollars for an hour, by deployment. */
  machinePrices: Map<string, number>;
}

/** A `weai.yaml` that can't be used. The message names the file, the line and the field. */
export class DeclarationError extends Error {
  override name = 'DeclarationError';
}

const dollars = z.string().transform((text, context) => {
  try {
    return parseDollars(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: 'custom', message: 'must be an amount in dollars, in quotes, like "0.15"' });
    return z.NEVER;
  }
});

const remoteSchema = z.strictObject({
  url: z.string().transform((text, context) => {
    try {
      return normalizeBaseUrl(text);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  }),
  upstream_model: z.string().min(1).optional(),
  api_key_env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, not the key itself')
    .optional(),
  kind: z.enum(engineKinds).default('openai'),
  context_tokens: z.number().int().positive().optional(),
  image_input: z.boolean().default(false),
  machine_usd_per_hour: dollars.optional(),
});

const modelSchema = z
  .strictObject({
    remotes: z.array(remoteSchema).default([]),
    weights: z.string().min(1).optional(),
    title: z.string().min(1).optional(),
    owned_by: z.string().min(1).optional(),
    context_tokens: z.number().int().positive().optional(),
    licence: z.strictObject({ name: z.string().min(1), url: z.url() }).optional(),
    price: z.strictObject({ input: dollars, cached_input: dollars.optional(), output: dollars }).optional(),
    machine_usd_per_hour: dollars.optional(),
  })
  .refine((model) => model.remotes.length > 0 || model.weights !== undefined || model.price !== undefined, {
    message: 'needs `remotes`, `weights` or `price`',
  });

const fileSchema = z.strictObject({
  models: z.record(z.string().regex(modelIdPattern, 'is not a possible model name'), modelSchema).default({}),
});

/** Reads the models file of the settings, else `weai.yaml` in the data directory. Throws DeclarationError. */
export async function readDeclarations(
  config: Pick<Config, 'modelsFile' | 'dataDir'>,
): Promise<Declarations> {
  for (const file of [config.modelsFile, join(config.dataDir, 'weai.yaml')]) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (systemErrorCode(error) === 'ENOENT') return null;
      throw new DeclarationError(`${file} can't be read: ${errorMessage(error)}.`, { cause: error });
    });
    if (text !== null) return parseDeclarations(text, file, (await stat(file)).mtime);
  }
  return nothingIn(null);
}

function nothingIn(file: string | null): Declarations {
  const [descriptions, tokenPrices, machinePrices] = [new Map(), new Map(), new Map()];
  return { file, remotes: [], weights: [], descriptions, tokenPrices, machinePrices };
}

/** Parses the text of a `weai.yaml`; paths in it are relative to it. Throws DeclarationError. */
export async function parseDeclarations(text: string, file: string, modified: Date): Promise<Declarations> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const line = lines.linePos(syntaxError.pos[0]).line;
    throw new DeclarationError(`${file}:${line}: ${syntaxError.message.split('\n')[0]}`);
  }
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
      if (Array.isArray(range) && typeof range[0] === 'number') return lines.linePos(range[0]).line;
    }
    return 1;
  };
  const parsed = fileSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    throw new DeclarationError(
      `${file}:${lineOf(path)}: ${path.length > 0 ? `${path.map(String).join('.')}: ` : ''}${issue?.message ?? 'not valid'}`,
    );
  }
  const created = Math.floor(modified.getTime() / 1000);
  const declarations = nothingIn(file);
  for (const [modelId, model] of Object.entries(parsed.data.models)) {
    declarations.descriptions.set(modelId, {
      title: model.title ?? null,
      ownedBy: model.owned_by ?? null,
      contextTokens: model.context_tokens ?? null,
      licence: model.licence ?? null,
    });
    if (model.price) {
      const { input, cached_input: cachedInput = input, output } = model.price;
      declarations.tokenPrices.set(modelId, { input, cachedInput, output });
    }
    if (model.machine_usd_per_hour !== undefined) {
      declarations.machinePrices.set(`embedded/${modelId}`, model.machine_usd_per_hour);
    }
    for (const [index, remote] of model.remotes.entries()) {
      const machinePrice = remote.machine_usd_per_hour ?? model.machine_usd_per_hour;
      if (machinePrice !== undefined)
        declarations.machinePrices.set(`remote/${modelId}/declared-${index + 1}`, machinePrice);
      declarations.remotes.push({
        id: `remote/${modelId}/declared-${index + 1}`,
        modelId,
        upstreamModel: remote.upstream_model ?? modelId,
        kind: remote.kind,
        baseUrl: remote.url,
        apiKeyEnv: remote.api_key_env ?? null,
        contextTokens: remote.context_tokens ?? model.context_tokens ?? null,
        imageInput: remote.image_input,
        created,
      });
    }
    if (model.weights === undefined) continue;
    const path = resolve(dirname(file), model.weights);
    const sizeBytes = await fileSize(path);
    if (sizeBytes === null) {
      throw new DeclarationError(
        `${file}:${lineOf(['models', modelId, 'weights'])}: models.${modelId}.weights: there is no file ${path}`,
      );
    }
    declarations.weights.push({ modelId, path, sizeBytes, created });
  }
  return declarations;
}
