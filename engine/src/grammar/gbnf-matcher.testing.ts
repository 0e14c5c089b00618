/** A small matcher for GBNF, to test grammars without weights: it follows every way at once, as llama.cpp does. */
type Node =
  | { kind: 'characters'; ranges: [number, number][]; negated: boolean }
  | { kind: 'sequence'; items: Node[] }
  | { kind: 'choice'; options: Node[] }
  | { kind: 'repeat'; item: Node; min: number; max: number }
  | { kind: 'rule'; name: string };

/** What is still to be matched: a node and what follows it. */
interface Frame {
  node: Node;
  next: Frame | null;
}

/** A parsed grammar. */
export class GbnfMatcher {
  #rules = new Map<string, Node>();
  #frames = new Map<Frame | null, Map<Node, Frame>>();
  #repeats = new Map<Node, Map<string, Node>>();

  /** @throws Error when the grammar can't be parsed or names an unknown rule. */
  constructor(grammar: string) {
    for (const line of grammar.split('\n')) {
      if (line.trim() === '') continue;
      const [name = '', source] = line.split(/ ::= (.*)/s);
      if (source === undefined) throw new Error(`no rule: ${line}`);
      this.#rules.set(name, new GbnfParser(source).parse());
    }
    if (!this.#rules.has('root')) throw new Error('no root');
  }

  /** Whether the whole text matches. */
  accepts(value: string): boolean {
    return this.#run(value)?.includes(null) ?? false;
  }

  /** Whether the text is the beginning of something that matches, or all of it. */
  acceptsPrefix(value: string): boolean {
    return this.#run(value) !== null;
  }

  #run(value: string): (Frame | null)[] | null {
    let states = this.#expand([this.#frame({ kind: 'rule', name: 'root' }, null)]);
    for (const character of value) {
      const code = character.codePointAt(0) ?? 0;
      const next: (Frame | null)[] = [];
      for (const frame of states) {
        if (frame?.node.kind !== 'characters') continue;
        const inside = frame.node.ranges.some(([first, last]) => code >= first && code <= last);
        if (inside !== frame.node.negated) next.push(frame.next);
      }
      states = this.#expand(next);
      if (states.length === 0) return null;
    }
    return states;
  }

  /** Replaces everything but characters (and the end, null) by what it starts with. */
  #expand(frames: (Frame | null)[]): (Frame | null)[] {
    const seen = new Set<Frame | null>();
    const queue = [...frames];
    for (let frame = queue.pop(); frame !== undefined; frame = queue.pop()) {
      if (seen.has(frame)) continue;
      seen.add(frame);
      if (frame === null || frame.node.kind === 'characters') continue;
      const { node, next } = frame;
      if (node.kind === 'rule') {
        const target = this.#rules.get(node.name);
        if (target === undefined) throw new Error(`no rule ${node.name}`);
        queue.push(this.#frame(target, next));
      } else if (node.kind === 'choice') {
        for (const option of node.options) queue.push(this.#frame(option, next));
      } else if (node.kind === 'sequence') {
        let tail = next;
        for (const item of node.items.toReversed()) tail = this.#frame(item, tail);
        queue.push(tail);
      } else {
        if (node.min === 0) queue.push(next);
        if (node.max > 0) queue.push(this.#frame(node.item, this.#frame(this.#fewer(node), next)));
      }
    }
    return [...seen].filter((frame) => frame === null || frame.node.kind === 'characters');
  }

  /** The same node and rest are one object, so that equal ways are followed once. */
  #frame(node: Node, next: Frame | null): Frame {
    const known = this.#frames.get(next) ?? new Map<Node, Frame>();
    this.#frames.set(next, known);
    const frame = known.get(node) ?? { node, next };
    known.set(node, frame);
    return frame;
  }

  #fewer(node: Extract<Node, { kind: 'repeat' }>): Node {
    const [min, max] = [Math.max(node.min - 1, 0), node.max - 1];
    if (min === node.min && max === node.max) return node;
    const known = this.#repeats.get(node.item) ?? new Map<string, Node>();
    this.#repeats.set(node.item, known);
    const fewer = known.get(`${min},${max}`) ?? { kind: 'repeat', item: node.item, min, max };
    known.set(`${min},${max}`, fewer);
    return fewer;
  }
}

class GbnfParser {
  #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Node {
    const node = this.#choice();
    if (this.#at !== this.#source.length)
      throw new Error(`not understood: ${this.#source.slice(this.#at, this.#at + 40)}`);
    return node;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #choice(): Node {
    const options: Node[] = [];
    do options.push(this.#sequence());
    while (this.#match(/\| */y) !== null);
    return { kind: 'choice', options };
  }

  #sequence(): Node {
    const items: Node[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source.charAt(this.#at))) {
      let node = this.#item();
      const quantifier = this.#match(/([*+?])|\{(\d+)(,?)(\d*)\}/y);
      if (quantifier !== null) {
        const [, sign, low, comma, high] = quantifier;
        const min = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
        const max =
          sign === '?'
            ? 1
            : sign === undefined
              ? comma === ''
                ? min
                : high === ''
                  ? Infinity
                  : Number(high)
              : Infinity;
        node = { kind: 'repeat', item: node, min, max };
      }
      this.#match(/ */y);
      items.push(node);
    }
    return { kind: 'sequence', items };
  }

  #item(): Node {
    if (this.#match(/\(/y) !== null) {
      const inside = this.#choice();
      if (this.#match(/\)/y) === null) throw new Error('a group is left open');
      return inside;
    }
    const literal = this.#match(/"((?:[^"\\]|\\.)*)"/y);
    if (literal !== null) {
      const items = characters(literal[1] ?? '').map((code): Node => ({
        kind: 'characters',
        ranges: [[code, code]],
        negated: false,
      }));
      return { kind: 'sequence', items };
    }
    const set = this.#match(/\[(\^?)((?:[^\]\\]|\\.)*)\]/y);
    if (set !== null)
      return { kind: 'characters', ranges: classRanges(set[2] ?? ''), negated: set[1] === '^' };
    const name = this.#match(/[a-zA-Z0-9-]+/y);
    if (name !== null) return { kind: 'rule', name: name[0] };
    throw new Error(`not understood: ${this.#source.slice(this.#at, this.#at + 40)}`);
  }
}

const escape = /\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\([nrt"\\[\]])|([^\\])/suy;
const named: Record<string, string> = { n: '\n', r: '\r', t: '\t' };

function readCharacter(source: string, at: number): { code: number; end: number } {
  escape.lastIndex = at;
  const match = escape.exec(source);
  if (match === null) throw new Error(`no character: ${source.slice(at)}`);
  const [, two, four, eight, short, plain] = match;
  const digits = two ?? four ?? eight;
  const written = short === undefined ? plain : (named[short] ?? short);
  return {
    code: digits === undefined ? (written?.codePointAt(0) ?? 0) : Number.parseInt(digits, 16),
    end: escape.lastIndex,
  };
}

function characters(source: string): number[] {
  const codes: number[] = [];
  for (let at = 0; at < source.length;) {
    const { code, end } = readCharacter(source, at);
    codes.push(code);
    at = end;
  }
  return codes;
}

function classRanges(source: string): [number, number][] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < source.length;) {
    const first = readCharacter(source, at);
    at = first.end;
    let last = first;
    if (source[at] === '-' && at + 1 < source.length) {
      last = readCharacter(source, at + 1);
      at = last.end;
    }
    ranges.push([first.code, last.code]);
  }
  return ranges;
}
