/** The API refused or failed; `message` is a sentence for the person. */
export class ApiFailure extends Error {
  override name = 'ApiFailure';
  readonly status: number;
  readonly code: string | null;
  /** The field that is wrong, where one is. */
  readonly param: string | null;
  readonly requestId: string | null;

  constructor(
    message: string,
    fields: { status: number; code?: string | null; param?: string | null; requestId?: string | null },
  ) {
    super(message);
    this.status = fields.status;
    this.code = fields.code ?? null;
    this.param = fields.param ?? null;
    this.requestId = fields.requestId ?? null;
  }
}

/** The server did not answer at all: no network, or it is not running. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function objectAt(value: unknown, key: string): Record<string, unknown> | null {
  const inner = typeof value === 'object' && value !== null ? Reflect.get(value, key) : null;
  return typeof inner === 'object' && inner !== null ? inner : null;
}

/** An error body of the API, or one of better-auth's (`{code, message}`), as a failure. */
export function failureOf(body: unknown, status: number, requestId: string | null = null): ApiFailure {
  const error = objectAt(body, 'error') ?? objectAt({ body }, 'body') ?? {};
  return new ApiFailure(
    text(error['message']) ?? `The server answered with status ${status} and no explanation.`,
    {
      status,
      code: text(error['code']),
      param: text(error['param']),
      requestId,
    },
  );
}

/** What went wrong with a form and none of its fields says; null when nothing did. */
export function formError(error: Error | null, ...fields: string[]): string | null {
  if (error === null || (error instanceof ApiFailure && fields.includes(error.param ?? ''))) return null;
  return error.message;
}

/** What is wrong with a field of a form, as a sentence without the field's technical name; null when something else is. */
export function fieldError(error: unknown, field: string): string | null {
  if (!(error instanceof ApiFailure) || error.param !== field) return null;
  const said = error.message.replace(/^Invalid '[^']*': /, '');
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${/[.!?]$/.test(said) ? '' : '.'}`;
}
