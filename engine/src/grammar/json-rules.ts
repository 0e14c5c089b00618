import { characterClass, choice, optional, sequence, text, type Expression } from './gbnf.ts';
import { GrammarRules } from './grammar-rules.ts';

/** Rules for JSON as models write it. Whitespace and digits are bounded, so that a weak model can't loop on them. */
export class JsonRules extends GrammarRules {
  /** Nothing, one space, or one line break with its indentation. */
  get space(): Expression {
    return this.shared('space', () =>
      optional(
        choice(
          text(' '),
          sequence(text('\n'), { kind: 'repeat', item: characterClass('[ ]'), min: 0, max: 16 }),
        ),
      ),
    );
  }

  /** `{ … }` around `members`. */
  braces(members: Expression): Expression {
    return sequence(text('{'), this.space, members, this.space, text('}'));
  }

  /** `[ … ]` around `items`. */
  brackets(items: Expression): Expression {
    return sequence(text('['), this.space, items, this.space, text(']'));
  }

  get comma(): Expression {
    return sequence(text(','), this.space);
  }

  get colon(): Expression {
    return sequence(text(':'), optional(text(' ')));
  }

  /** One character of a string: a surrogate is always written as a pair (RFC 8259, sections 7 and 8.2). */
  get character(): Expression {
    return this.shared('char', () =>
      choice(
        characterClass(String.raw`[^"\\\x00-\x1F\x7F]`),
        sequence(
          text('\\'),
          choice(
            characterClass(String.raw`["\\/bfnrt]`),
            sequence(text('u'), characterClass('[0-9a-cefA-CEF]'), this.hexadecimal(3)),
            sequence(text('u'), characterClass('[dD]'), characterClass('[0-7]'), this.hexadecimal(2)),
            sequence(
              text('u'),
              characterClass('[dD]'),
              characterClass('[89abAB]'),
              this.hexadecimal(2),
              text('\\u'),
              characterClass('[dD]'),
              characterClass('[c-fC-F]'),
              this.hexadecimal(2),
            ),
          ),
        ),
      ),
    );
  }

  hexadecimal(count: number): Expression {
    return { kind: 'repeat', item: characterClass('[0-9a-fA-F]'), min: count, max: count };
  }

  get string(): Expression {
    return this.shared('string', () =>
      sequence(text('"'), { kind: 'repeat', item: this.character, min: 0, max: null }, text('"')),
    );
  }

  get boolean(): Expression {
    return choice(text('true'), text('false'));
  }

  get null(): Expression {
    return text('null');
  }

  get integer(): Expression {
    return this.shared('integer', () => sequence(optional(text('-')), this.whole));
  }

  get number(): Expression {
    return this.shared('number', () =>
      sequence(
        optional(text('-')),
        this.whole,
        optional(sequence(text('.'), { kind: 'repeat', item: characterClass('[0-9]'), min: 1, max: 16 })),
        optional(
          sequence(characterClass('[eE]'), optional(characterClass('[-+]')), {
            kind: 'repeat',
            item: characterClass('[0-9]'),
            min: 1,
            max: 2,
          }),
        ),
      ),
    );
  }

  /** A whole number of at most 16 digits. */
  get whole(): Expression {
    return this.shared('whole', () =>
      choice(
        text('0'),
        sequence(characterClass('[1-9]'), {
          kind: 'repeat',
          item: characterClass('[0-9]'),
          min: 0,
          max: 15,
        }),
      ),
    );
  }

  /** Any JSON value. */
  get value(): Expression {
    return this.shared('value', () =>
      choice(this.object, this.array, this.string, this.number, this.boolean, this.null),
    );
  }

  get object(): Expression {
    return this.shared('object', () => this.members(sequence(this.string, this.colon, this.value)));
  }

  get array(): Expression {
    return this.shared('array', () => {
      const item = this.value;
      return choice(
        sequence(text('['), this.space, text(']')),
        this.brackets(
          sequence(item, { kind: 'repeat', item: sequence(this.comma, item), min: 0, max: null }),
        ),
      );
    });
  }

  /** An object of any number of members of one form. */
  members(member: Expression): Expression {
    return choice(
      sequence(text('{'), this.space, text('}')),
      this.braces(
        sequence(member, { kind: 'repeat', item: sequence(this.comma, member), min: 0, max: null }),
      ),
    );
  }
}
