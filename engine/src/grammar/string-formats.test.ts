import { expect, test } from 'vitest';
import { GbnfMatcher } from './gbnf-matcher.testing.ts';
import { jsonSchemaToGrammar } from './json-schema.ts';
import { knownFormats } from './string-formats.ts';

const examples: Record<string, { valid: string[]; invalid: string[] }> = {
  date: {
    valid: ['2024-02-29', '2000-02-29', '1999-12-31', '2023-04-30'],
    invalid: ['2023-02-29', '1900-02-29', '2023-04-31', '2023-13-01', '2023-00-10', '2023-1-1', '2023-01-00'],
  },
  time: {
    valid: ['00:00:00Z', '23:59:59.123+02:00'],
    invalid: ['24:00:00Z', '12:00', '12:00:00', '12:60:00Z'],
  },
  'date-time': {
    valid: ['2020-10-27T20:08:00Z', '2020-10-27T20:08:00.5-07:00'],
    invalid: ['2020-10-27 20:08:00Z', '2020-10-27'],
  },
  duration: {
    valid: ['P1Y2M3DT4H5M6S', 'PT36H', 'P2W', 'P1DT12H'],
    invalid: ['P', 'PT', 'P1S', '1D', 'P1M1Y'],
  },
  uuid: {
    valid: ['123e4567-e89b-12d3-a456-426614174000'],
    invalid: ['123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400g'],
  },
  email: {
    valid: ['a@b.co', 'first.last+tag@mail.example.org'],
    invalid: ['a', '@b.co', 'a@b', 'a@b.c', 'a..b@c.de', 'a @b.co'],
  },
  hostname: {
    valid: ['localhost', 'a-b.example.com'],
    invalid: ['-a', 'a-', 'a..b', 'a_b', `${'a'.repeat(64)}.com`],
  },
  ipv4: { valid: ['0.0.0.0', '255.249.199.99'], invalid: ['256.0.0.1', '1.2.3', '01.2.3.4'] },
  ipv6: {
    valid: ['::', '::1', '1:2:3:4:5:6:7:8', 'fe80::1:2', '1::', '1:2:3:4:5:6:7::'],
    invalid: ['1:2:3:4:5:6:7', ':1', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9'],
  },
  uri: {
    valid: ['https://example.com', 'http://localhost:8080/a/b?c=d'],
    invalid: ['example.com', 'https://', 'javascript:alert(1)', 'https://a b'],
  },
};

test.each(knownFormats.map((name) => [name]))('holds %s', (name) => {
  const grammar = new GbnfMatcher(jsonSchemaToGrammar({ type: 'string', format: name }, { param: 'schema' }));
  const { valid, invalid } = examples[name] ?? { valid: ['no examples'], invalid: [] };
  expect(valid.filter((text) => !grammar.accepts(`"${text}"`))).toEqual([]);
  expect(invalid.filter((text) => grammar.accepts(`"${text}"`))).toEqual([]);
});
