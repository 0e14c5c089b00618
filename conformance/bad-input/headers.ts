import { valid, type BadRequest } from './request.ts';

/** Keys that open nothing. */
export const credentials: BadRequest[] = [
  {
    name: 'a wrong key',
    body: JSON.stringify(valid),
    headers: { authorization: 'Bearer weai-wrong' },
    code: 'invalid_api_key',
  },
  { name: 'an empty key', body: JSON.stringify(valid), headers: { authorization: 'Bearer ' } },
  { name: 'no key', body: JSON.stringify(valid), headers: { authorization: '' } },
  { name: 'another scheme', body: JSON.stringify(valid), headers: { authorization: 'Basic dXNlcjpwYXNz' } },
  {
    name: 'a key of 8,000 characters',
    body: JSON.stringify(valid),
    headers: { authorization: `Bearer ${'k'.repeat(8000)}` },
  },
  {
    name: "SQL in the key's place",
    body: JSON.stringify(valid),
    headers: { authorization: "Bearer '; DROP TABLE api_keys; --" },
  },
].map((each) => ({ ...each, status: 401 }));

/** Content types that are not JSON in UTF-8. */
export const contentTypes: BadRequest[] = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  'multipart/form-data; boundary=x',
].map((type) => ({
  name: `content type ${type}`,
  body: JSON.stringify(valid),
  status: 415,
  headers: { 'content-type': type },
}));
