import { OpenAI, OpenAIError, type ClientOptions } from 'openai';

/** Where requests go when neither `baseURL` nor `WEAI_BASE_URL` says otherwise. */
export const DEFAULT_BASE_URL = 'https://weai.productscience.ai/v1';

/** What the WeAI client itself refuses, before any request is sent. */
export class WeAIError extends OpenAIError {
  override name = 'WeAIError';
}

/** Options of the official client, without those that route to OpenAI's own cloud or to its partners'. */
export type WeAIOptions = Omit<
  ClientOptions,
  'credential' | 'dataResidency' | 'provider' | 'workloadIdentity' | 'x509Transport'
>;

/**
 * The official OpenAI client, pointed at WeAI. `apiKey` comes from `WEAI_API_KEY` and `baseURL` from
 * `WEAI_BASE_URL` where they are not given; no `OPENAI_*` variable has an effect.
 * Throws `WeAIError` when there is no key.
 */
export class WeAI extends OpenAI {
  constructor(options: WeAIOptions = {}) {
    const apiKey = options.apiKey || readEnvironment('WEAI_API_KEY');
    if (!apiKey) {
      throw new WeAIError(
        'No API key: set the WEAI_API_KEY environment variable, or pass new WeAI({ apiKey: "…" }).',
      );
    }
    super({
      ...options,
      apiKey,
      baseURL: options.baseURL || readEnvironment('WEAI_BASE_URL') || DEFAULT_BASE_URL,
      // Null, unlike undefined, keeps the official client from reading the OPENAI_* variable of the same meaning.
      adminAPIKey: options.adminAPIKey ?? null,
      organization: options.organization ?? null,
      project: options.project ?? null,
      webhookSecret: options.webhookSecret ?? null,
      logLevel: options.logLevel ?? 'warn',
    });
    // The official client has merged OPENAI_CUSTOM_HEADERS into these and offers no switch for it.
    // oxlint-disable-next-line no-underscore-dangle -- its name in the official client
    this._options.defaultHeaders = options.defaultHeaders;
  }
}

function readEnvironment(name: string): string | undefined {
  return process.env[name]?.trim();
}
