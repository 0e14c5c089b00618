export { DEFAULT_BASE_URL, WeAI, WeAI as default, WeAIError, type WeAIOptions } from './client.ts';
export {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIPromise,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  OpenAIError,
  PagePromise,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
  toFile,
  // As a type only: its namespace holds the types of every request and answer, `OpenAI.Chat.ChatCompletion` and so on.
  type OpenAI,
  type Uploadable,
} from 'openai';
