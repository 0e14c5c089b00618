import { expect, it } from 'vitest';
import { readSchema, readTools, schemaExample, toolsExample } from './json-settings.ts';

it('takes the examples that it offers', () => {
  expect(readSchema(schemaExample).value).toMatchObject({
    json_schema: { schema: { type: 'object' }, strict: true },
  });
  expect(readTools(toolsExample).value).toMatchObject([
    { type: 'function', function: { name: 'get_weather' } },
  ]);
});

it('takes tools in the form of the API', () => {
  const tools = [{ type: 'function', function: { name: 'a', parameters: { type: 'object' } } }];
  expect(readTools(JSON.stringify(tools)).value).toEqual(tools);
});

it.each([
  ['', null],
  ['  ', null],
])('finds nothing wrong with %j', (text, problem) => {
  expect(readSchema(text)).toEqual({ value: undefined, problem });
  expect(readTools(text)).toEqual({ value: undefined, problem });
});

it.each([
  ['{', /JSON/],
  ['[]', /object/],
  ['{"type": "string"}', /"type": "object"/],
])('says what is wrong with the schema %j', (text, problem) => {
  expect(readSchema(text).problem).toMatch(problem);
});

it.each([
  ['{}', /list/],
  ['[1]', /Tool 1/],
  ['[{}]', /"name"/],
  ['[{"name": "a b"}]', /"name"/],
  ['[{"name": "a"}, {"name": "a"}]', /Two tools/],
  ['[{"name": "a", "parameters": []}]', /JSON Schema/],
])('says what is wrong with the tools %j', (text, problem) => {
  expect(readTools(text).problem).toMatch(problem);
});
