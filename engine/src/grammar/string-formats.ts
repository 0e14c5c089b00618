/** Grammars for JSON Schema's string formats, each within what its standard allows. */
import { characterClass, choice, optional, sequence, text, type Expression } from './gbnf.ts';

const digit = characterClass('[0-9]');
const hexadecimal = characterClass('[0-9a-fA-F]');
const alphanumeric = characterClass('[a-zA-Z0-9]');

function times(item: Expression, min: number, max = min): Expression {
  return { kind: 'repeat', item, min, max };
}

const leapCenturies = sequence(
  choice(
    sequence(characterClass('[02468]'), characterClass('[048]')),
    sequence(characterClass('[13579]'), characterClass('[26]')),
  ),
  text('00'),
);
const leapYears = sequence(
  times(digit, 2),
  choice(
    sequence(text('0'), characterClass('[48]')),
    sequence(characterClass('[2468]'), characterClass('[048]')),
    sequence(characterClass('[13579]'), characterClass('[26]')),
  ),
);
const upTo28 = choice(
  sequence(text('0'), characterClass('[1-9]')),
  sequence(text('1'), digit),
  sequence(text('2'), characterClass('[0-8]')),
);

/** RFC 3339 full-date: only days that exist. */
const date = choice(
  sequence(
    times(digit, 4),
    text('-'),
    choice(
      sequence(
        choice(sequence(text('0'), characterClass('[13578]')), sequence(text('1'), characterClass('[02]'))),
        text('-'),
        choice(upTo28, text('29'), text('30'), text('31')),
      ),
      sequence(
        choice(sequence(text('0'), characterClass('[469]')), text('11')),
        text('-'),
        choice(upTo28, text('29'), text('30')),
      ),
      sequence(text('02-'), upTo28),
    ),
  ),
  sequence(choice(leapYears, leapCenturies), text('-02-29')),
);

const hours = choice(sequence(characterClass('[01]'), digit), sequence(text('2'), characterClass('[0-3]')));
const sixty = sequence(characterClass('[0-5]'), digit);

/** RFC 3339 full-time. */
const time = sequence(
  hours,
  text(':'),
  sixty,
  text(':'),
  sixty,
  optional(sequence(text('.'), times(digit, 1, 9))),
  choice(text('Z'), sequence(characterClass('[+-]'), hours, text(':'), sixty)),
);

/** RFC 3339 appendix A, with at least one part. */
function duration(): Expression {
  const part = (...units: string[]): Expression => {
    const [unit = '', ...smaller] = units;
    const amount = sequence(times(digit, 1, 6), text(unit));
    return smaller.length === 0 ? amount : sequence(amount, optional(part(...smaller)));
  };
  const clock = sequence(text('T'), choice(part('H', 'M', 'S'), part('M', 'S'), part('S')));
  const days = sequence(choice(part('Y', 'M', 'D'), part('M', 'D'), part('D')), optional(clock));
  return sequence(text('P'), choice(days, clock, part('W')));
}

const octet = choice(
  sequence(text('25'), characterClass('[0-5]')),
  sequence(text('2'), characterClass('[0-4]'), digit),
  sequence(text('1'), times(digit, 2)),
  sequence(characterClass('[1-9]'), digit),
  digit,
);
const ipv4 = sequence(octet, times(sequence(text('.'), octet), 3));

/** RFC 4291, section 2.2, without the mixed form. */
function ipv6(): Expression {
  const group = times(hexadecimal, 1, 4);
  const forms: Expression[] = [sequence(group, times(sequence(text(':'), group), 7))];
  for (let before = 0; before <= 7; before++) {
    const head = before === 0 ? [] : [group, times(sequence(text(':'), group), before - 1)];
    const after = 7 - before;
    const tail =
      after === 0 ? [] : [optional(sequence(group, times(sequence(text(':'), group), 0, after - 1)))];
    forms.push(sequence(...head, text('::'), ...tail));
  }
  return choice(...forms);
}

const label = sequence(
  alphanumeric,
  optional(sequence(times(characterClass('[a-zA-Z0-9-]'), 0, 61), alphanumeric)),
);
const hostname = sequence(label, times(sequence(text('.'), label), 0, 3));
const atom = times(characterClass("[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]"), 1, 32);

const formats = new Map<string, Expression>([
  ['date', date],
  ['time', time],
  ['date-time', sequence(date, text('T'), time)],
  ['duration', duration()],
  [
    'uuid',
    sequence(
      times(hexadecimal, 8),
      times(sequence(text('-'), times(hexadecimal, 4)), 3),
      text('-'),
      times(hexadecimal, 12),
    ),
  ],
  [
    'email',
    sequence(
      atom,
      times(sequence(text('.'), atom), 0, 1),
      text('@'),
      label,
      times(sequence(text('.'), label), 0, 2),
      text('.'),
      times(characterClass('[a-zA-Z]'), 2, 24),
    ),
  ],
  ['hostname', hostname],
  ['ipv4', ipv4],
  ['ipv6', ipv6()],
  [
    'uri',
    sequence(
      choice(text('https://'), text('http://'), text('ftp://')),
      hostname,
      optional(sequence(text(':'), times(digit, 1, 4))),
      times(sequence(text('/'), times(characterClass("[a-zA-Z0-9._~!$&'()*+,;=:@-]"), 0, 200)), 0, 20),
      optional(sequence(text('?'), times(characterClass("[a-zA-Z0-9._~!$&'()*+,;=:@/?-]"), 0, 500))),
    ),
  ],
]);

/** Names of the formats that a grammar can hold. */
export const knownFormats: readonly string[] = [...formats.keys()];

/** The text of a string in this format, without its quotes, or null for an unknown one. */
export function formatExpression(name: string): Expression | null {
  return formats.get(name) ?? null;
}
