/** One request that no server should accept: a name, the bytes of its body, and what the answer must say. */
export interface BadRequest {
  name: string;
  body: string | Uint8Array<ArrayBuffer>;
  /** First part of the path in `param`; null where no field can be named. */
  param?: string | null;
  status?: number;
  code?: string;
  headers?: Record<string, string>;
}

/** A request that any server accepts. */
export const valid = {
  model: 'smollm2-135m',
  messages: [{ role: 'user', content: 'Hi' }],
  max_completion_tokens: 2,
};
export const message = valid.messages[0];

/** A request with some of its fields replaced; `param` is the first part of the path that the answer must name. */
export function withFields(
  name: string,
  fields: object,
  param: string,
  extra: Partial<BadRequest> = {},
): BadRequest {
  return { name, body: JSON.stringify({ ...valid, ...fields }), param, ...extra };
}
