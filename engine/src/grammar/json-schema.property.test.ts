import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GbnfMatcher } from './gbnf-matcher.testing.ts';
import { jsonSchemaToGrammar } from './json-schema.ts';
import { jsonText } from './schema-scalar.ts';

/** A schema with a value that it allows and values that it doesn't. */
interface Sample {
  schema: Record<string, unknown>;
  valid: unknown;
  invalid: unknown[];
}

const text = fc.string({ unit: 'binary', maxLength: 6 }).filter((value) => value.isWellFormed());

const strings: fc.Arbitrary<Sample> = fc.tuple(text, fc.nat(2), fc.nat(2)).map(([valid, below, above]) => {
  const length = [...valid].length;
  const minLength = Math.max(length - below, 0);
  const maxLength = length + above;
  return {
    schema: { type: 'string', minLength, maxLength },
    valid,
    invalid: [1, null, 'x'.repeat(maxLength + 1), ...(minLength > 0 ? ['x'.repeat(minLength - 1)] : [])],
  };
});

const whole = fc.integer({ min: -100_000, max: 100_000 });
const decimals = fc.tuple(whole, fc.nat(999)).map(([units, thousandths]) => units + thousandths / 1000);

function numbers(type: 'integer' | 'number', values: fc.Arbitrary<number>): fc.Arbitrary<Sample> {
  return fc.tuple(values, values, values).map((three) => {
    const [minimum, valid, maximum] = three.toSorted((a, b) => a - b) as [number, number, number];
    return {
      schema: { type, minimum, maximum },
      valid,
      invalid: [
        '1',
        null,
        minimum - 1,
        maximum + 1,
        maximum + 12_345,
        ...(type === 'integer' ? [valid + 0.5] : []),
      ],
    };
  });
}

const scalars: fc.Arbitrary<Sample> = fc.oneof(
  strings,
  numbers('integer', whole),
  numbers('number', decimals),
  fc.boolean().map((valid) => ({ schema: { type: 'boolean' }, valid, invalid: [0, 'true', null] })),
  fc.uniqueArray(text, { minLength: 1, maxLength: 5 }).map((values) => ({
    schema: { enum: values },
    valid: values[0],
    invalid: [1, `${values.join('')}x`],
  })),
);

const samples = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.tuple(tie('sample'), fc.nat(3), fc.nat(2)).map(([item, count, above]) => ({
      schema: { type: 'array', items: item.schema, minItems: count, maxItems: count + above },
      valid: Array.from({ length: count }, () => item.valid),
      invalid: [
        'x',
        Array.from({ length: count + above + 1 }, () => item.valid),
        ...(count > 0 ? [Array.from({ length: count - 1 }, () => item.valid)] : []),
        ...(count > 0
          ? item.invalid.map((wrong) => [...Array.from({ length: count - 1 }, () => item.valid), wrong])
          : []),
      ],
    })),
    fc
      .uniqueArray(
        fc.record({ name: text, sample: tie('sample'), required: fc.boolean(), present: fc.boolean() }),
        {
          maxLength: 4,
          // JavaScript puts keys that look like indexes first, whatever the schema's order.
          selector: ({ name }) => name,
        },
      )
      .map((members) => members.filter(({ name }) => !/^\d+$/.test(name) && name !== '__proto__'))
      .map((members) => {
        const valid = Object.fromEntries(
          members
            .filter(({ required, present }) => required || present)
            .map(({ name, sample }) => [name, sample.valid]),
        );
        const required = members.filter((member) => member.required);
        return {
          schema: {
            type: 'object',
            properties: Object.fromEntries(members.map(({ name, sample }) => [name, sample.schema])),
            required: required.map(({ name }) => name),
            additionalProperties: false,
          },
          valid,
          invalid: [
            [],
            { ...valid, 'another name': 1 },
            ...required.map(({ name }) =>
              Object.fromEntries(Object.entries(valid).filter(([key]) => key !== name)),
            ),
            ...required.flatMap(({ name, sample }) =>
              sample.invalid.map((wrong) => ({ ...valid, [name]: wrong })),
            ),
          ],
        };
      }),
  ),
}));

test('what a schema allows is accepted, and nothing else', () => {
  fc.assert(
    fc.property(samples.sample, ({ schema, valid, invalid }) => {
      const grammar = new GbnfMatcher(jsonSchemaToGrammar(schema, { param: 'schema' }));
      const accepted = [valid, ...invalid]
        .map((value) => jsonText(value))
        .filter((value) => grammar.accepts(value));
      expect(accepted).toEqual([jsonText(valid)]);
    }),
    { numRuns: 300 },
  );
});

test('numbers between bounds, written in any way', () => {
  const bound = fc.option(fc.oneof(whole, decimals, fc.constantFrom(0, -0.001, 0.05, 1e-7, 1.5)), {
    nil: null,
  });
  const property = fc.property(
    bound,
    bound,
    fc.boolean(),
    fc.boolean(),
    decimals,
    (low, high, openLow, openHigh, value) => {
      if (low !== null && high !== null && low >= high) return;
      const schema = {
        type: 'number',
        ...(low === null ? {} : { [openLow ? 'exclusiveMinimum' : 'minimum']: low }),
        ...(high === null ? {} : { [openHigh ? 'exclusiveMaximum' : 'maximum']: high }),
      };
      const grammar = new GbnfMatcher(jsonSchemaToGrammar(schema, { param: 'schema' }));
      const limited = low !== null || high !== null;
      for (const number of [value, low ?? 0, high ?? 0, (low ?? 0) + 0.25, (high ?? 0) - 0.25]) {
        if (!limited || String(number).includes('e') || Object.is(number, -0)) continue;
        const above = low === null || (openLow ? number > low : number >= low);
        const below = high === null || (openHigh ? number < high : number <= high);
        // Differences carry digits that no bound was written with; more than sixteen aren't held.
        const digits = (String(number).split('.')[1] ?? '').length;
        if (digits > 15) continue;
        expect(grammar.accepts(String(number)), `${number} in ${JSON.stringify(schema)}`).toBe(
          above && below,
        );
        const padded = String(number).includes('.') ? `${number}0` : `${number}.0`;
        expect(grammar.accepts(padded), `${padded} in ${JSON.stringify(schema)}`).toBe(above && below);
      }
    },
  );
  fc.assert(property, { numRuns: 500 });
});
