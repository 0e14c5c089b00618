import { ApiError, errorCodes } from '@weai/protocol/errors';
import { code, type Page, table } from './page.ts';

/** When each code comes, and what to do about it. A code without a row here does not compile. */
const meaning: Record<(typeof errorCodes)[number], string> = {
  invalid_request: 'Something about the request cannot be; the message says what.',
  invalid_json: 'The body is not JSON, has a key twice, or is nested too deeply.',
  invalid_type: 'A field has a value of the wrong type; `param` names it.',
  invalid_value: 'A field has a value that cannot be; `param` names it.',
  missing_required_parameter: 'A field that must be there is not; `param` names it.',
  unknown_parameter: 'No such field exists; `param` names it.',
  unsupported_parameter:
    'The field exists, but what answers this model cannot honour it. See [Compatibility](/docs/reference/compatibility/).',
  unsupported_value: 'The field is honoured, this value of it is not.',
  context_length_exceeded: 'The prompt does not fit the model’s context. Shorten it.',
  csrf_failed: 'A request by session came from another site, or without the header `x-weai-csrf: 1`.',
  insufficient_permissions: 'The key or the person may not do this.',
  invalid_api_key: 'The key is wrong, revoked or expired.',
  missing_api_key: 'No `Authorization: Bearer …` header came.',
  invalid_credentials: 'The email or the password is wrong.',
  session_expired: 'The session has ended. Sign in again.',
  not_found: 'No such thing, or it belongs to another project.',
  model_not_found: 'No model of that name exists here. `GET /v1/models` lists them.',
  unknown_url: 'No such address.',
  method_not_allowed: 'The address exists, not with that method; the header `Allow` names those that do.',
  request_timeout: 'The request took too long to arrive.',
  conflict: 'It contradicts what is there: the thing was changed meanwhile, or has ended.',
  version_conflict:
    'The document was changed since the version that the change was made to. Get it again, then change that.',
  request_too_large: 'The body is larger than `WEAI_MAX_BODY_BYTES`.',
  unsupported_media_type: 'The body must be `application/json`.',
  rate_limit_exceeded:
    'More requests or tokens than the limit of the key, project or organization. Wait `Retry-After` seconds.',
  insufficient_quota: 'The budget of the day or month is used up. Waiting a few seconds does not help.',
  internal_error: 'A fault in WeAI. The log has the cause under the request’s id.',
  engine_error: 'The engine answered with something that is no answer.',
  engine_crashed: 'The engine ended while it answered. It is started again; retry.',
  engine_overloaded: 'The engine takes no more requests now. Retry after `Retry-After` seconds.',
  engine_unavailable: 'Nothing serves the model at this moment. Retry shortly.',
  sign_in_unavailable: 'Sessions cannot be checked right now. Retry shortly.',
  database_unavailable:
    'The database is away, which administration and what is stored need; models are answered meanwhile. Retry shortly.',
  ledger_unavailable: 'Usage cannot be recorded (the disk or the journal is full), so nothing is served.',
  server_draining: 'This server is stopping. Another one answers, or this one after its restart.',
  engine_timeout: 'The engine did not answer in time.',
  loop_detected: 'A model is connected to a WeAI server that is connected back to this one.',
};

/** The catalogue of error codes. */
export function errorPage(): Page {
  const rows = errorCodes.map((name) => {
    const { status, type } = new ApiError(name, '');
    return [code(name), String(status), code(type), meaning[name] ?? ''];
  });
  return {
    path: 'errors',
    title: 'Errors',
    description: 'Every error code, its HTTP status, and what to do about it.',
    body: [
      'Every error answer has the same shape, with all four fields; `param` and `code` are `null` where there is none:',
      '',
      '```json',
      JSON.stringify(
        new ApiError('model_not_found', "The model 'nothing' does not exist.", { param: 'model' }).body(),
        null,
        2,
      ),
      '```',
      '',
      'After the first bytes of a stream the status is sent already: an error then is an event `data: {"error": …}` of the same shape,',
      'and the stream ends without `data: [DONE]`.',
      '',
      'A 4xx other than 408, 409 and 429 will not get better by asking again. 429, 502, 503 and 504 may: the official clients try them',
      'again twice by themselves, waiting as `Retry-After` says.',
      '',
      table(['Code', 'Status', 'Type', 'When, and what to do'], rows),
    ].join('\n'),
  };
}
