import { withRoom } from './room.ts';
import type { RowValues } from './row.ts';

const byteOf = (character: string): number => character.codePointAt(0) ?? 0;
const quote = byteOf('"');
const comma = byteOf(',');
const openBracket = byteOf('[');
const closeBracket = byteOf(']');
const openBrace = byteOf('{');
const closeBrace = byteOf('}');
const openParenthesis = byteOf('(');
const closeParenthesis = byteOf(')');
/** Of `null`. */
const letterN = byteOf('n');

/** By byte: what is the same in a record as in JSON, inside of a text and outside of it. */
const plainText = tableOf(/[\w.:/@+-]/);
const plainNumber = tableOf(/[\d.]/);
/** What a field of a record may have in it only in quotes. */
const special = /["\\(),\s]/;
const escaped = /["\\]/g;
const mostBytesPerCharacter = 3;

/**
 * Rows on their way into the table: an array of records as PostgreSQL reads them in text, which takes it half the time that JSON with
 * names does (its manual: "Composite Type Input and Output Syntax", "Array Input and Output Syntax"). Bytes from the first to the
 * last: as texts of JavaScript, half a second's rows outlived collections of garbage, and those took longer than making the rows.
 */
export class Records {
  count = 0;
  #bytes = Buffer.allocUnsafeSlow(64 * 1024).fill(openBrace, 0, 1);
  #length = 1;

  /** @param json the row's values. */
  add(json: Buffer): void {
    // A plain record, in quotes and parentheses and behind a comma; another makes more room.
    this.#makeRoom(json.length + 3);
    if (this.count > 0) this.#length = this.#put(comma, this.#length);
    const end = this.#addPlain(json);
    if (end === null) this.#addQuoted(json);
    else this.#length = end;
    this.count += 1;
  }

  /** The array; good until more is added. */
  get array(): Buffer {
    this.#makeRoom(1);
    return this.#bytes.subarray(0, this.#put(closeBrace, this.#length));
  }

  clear(): void {
    this.count = 0;
    this.#length = 1;
  }

  #put(byte: number, at: number): number {
    this.#bytes[at] = byte;
    return at + 1;
  }

  /**
   * Nearly every row's JSON is the same in a record but for its quotes and nulls.
   * @returns where the record ends; null where it isn't, and nothing is added.
   */
  #addPlain(json: Buffer): number | null {
    const bytes = this.#bytes;
    let at = this.#length;
    at = this.#put(quote, at);
    at = this.#put(openParenthesis, at);
    const last = json.length - 1;
    for (let index = 1; index < last; index += 1) {
      const byte = json[index] ?? 0;
      if (byte === quote) {
        const first = index + 1;
        for (index = first; json[index] !== quote; index += 1) {
          const inside = json[index] ?? 0;
          if (plainText[inside] !== 1) return null;
          bytes[at] = inside;
          at += 1;
        }
        // No text at all would be read as null.
        if (index === first) return null;
      } else if (byte === comma || plainNumber[byte] === 1) {
        bytes[at] = byte;
        at += 1;
      } else if (byte === letterN) {
        index += 'ull'.length;
      } else if (byte === openBracket && json[index + 1] === closeBracket) {
        index += 1;
        at = this.#put(byte, at);
        at = this.#put(closeBracket, at);
      } else return null;
    }
    at = this.#put(closeParenthesis, at);
    return this.#put(quote, at);
  }

  #addQuoted(json: Buffer): void {
    const values: RowValues = JSON.parse(json.toString('utf8'));
    const record = quoted(`(${values.map(fieldOf).join(',')})`);
    this.#makeRoom(mostBytesPerCharacter * record.length);
    this.#length += this.#bytes.write(record, this.#length);
  }

  #makeRoom(bytes: number): void {
    this.#bytes = withRoom(this.#bytes, this.#length, bytes);
  }
}

function tableOf(characters: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    byte < 0x80 && characters.test(String.fromCodePoint(byte)) ? 1 : 0,
  );
}

function fieldOf(value: RowValues[number]): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || special.test(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${text.replaceAll(escaped, String.raw`\$&`)}"`;
}
