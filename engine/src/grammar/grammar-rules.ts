import { printExpression, repeat, rule, type Expression } from './gbnf.ts';

interface GrammarErrorOptions {
  /** The keyword at fault within its schema. */
  keyword?: string;
  /** `invalid_value` for what is wrong by JSON Schema itself. */
  code?: 'invalid_value' | 'unsupported_value';
}

/** Why a grammar can't be made; the compiler adds where, and makes it an error that a client may see. */
export class GrammarError extends Error {
  readonly code: 'invalid_value' | 'unsupported_value';
  readonly keyword: string | null;
  /** Path of the schema at fault, once it is known. */
  path: string | null = null;

  constructor(message: string, options: GrammarErrorOptions = {}) {
    super(message);
    this.name = 'GrammarError';
    this.code = options.code ?? 'unsupported_value';
    this.keyword = options.keyword ?? null;
  }
}

/** No value matches: fatal by itself, but as one of several alternatives it is left out. */
export class UnsatisfiableError extends GrammarError {
  constructor(message: string, keyword?: string) {
    super(message, { code: 'invalid_value', ...(keyword === undefined ? {} : { keyword }) });
  }
}

const limits = { rules: 4000, nesting: 150, repetitions: 40_000, characters: 400_000 };

/**
 * `item` from `min` to `max` times, as a schema's keywords say.
 * @throws GrammarError naming the keyword whose count alone is more than a whole grammar may have: the expression for it
 * would be too large to build, let alone to measure.
 */
export function repeatWithin(
  item: Expression,
  min: number,
  max: number | null,
  keywords: { min: string; max: string },
): Expression {
  for (const [count, keyword] of [
    [min, keywords.min],
    [max ?? 0, keywords.max],
  ] as const) {
    if (count <= limits.repetitions) continue;
    throw new GrammarError(`it is more than ${limits.repetitions}`, { keyword });
  }
  return repeat(item, min, max);
}

/** The rules of one grammar under construction. Its size is bounded, so that a schema bomb ends early. */
export class GrammarRules {
  #rules = new Map<string, Expression>();
  #reserved = 0;

  /** Reserves a rule's name, made from `hint`, so that the rule may refer to itself. Its number keeps it apart from shared names. */
  reserve(hint: string): string {
    this.#reserved++;
    if (this.#reserved > limits.rules) throw new GrammarError('it is too large');
    return `${hint.replaceAll(/[^a-zA-Z0-9]+/g, '-').slice(0, 40)}-${this.#reserved}`;
  }

  /** Sets a reserved name's rule. */
  set(name: string, expression: Expression): Expression {
    this.#rules.set(name, expression);
    return rule(name);
  }

  /** Adds a rule under a new name made from `hint`. */
  add(hint: string, expression: Expression): Expression {
    return this.set(this.reserve(hint), expression);
  }

  /** Adds a rule once: the same name always stands for the same rule. */
  shared(name: string, expression: () => Expression): Expression {
    if (!this.#rules.has(name)) {
      this.set(name, rule(name));
      this.set(name, expression());
    }
    return rule(name);
  }

  /**
   * The grammar's text; its start is the rule `root`.
   * @throws GrammarError when it is too large, can never end, or repeats without reading a character.
   */
  print(root: Expression): string {
    const rules = this.#withSimpleRepetitions(this.#reachable(root));
    let repetitions = 0;
    for (const expression of rules.values()) repetitions += measure(expression);
    if (repetitions > limits.repetitions) throw new GrammarError('its lengths and counts add up to too much');
    const empty = emptyRules(rules);
    for (const [name, expression] of rules) refuseEmptyRepetition(expression, empty, name);
    refuseLeftRecursion(rules, empty);
    if (!productiveRules(rules).has('root')) throw new UnsatisfiableError('no finite value can match it');
    const lines = [...rules].map(([name, expression]) => `${name} ::= ${printExpression(expression)}\n`);
    const printed = lines.join('');
    if (printed.length > limits.characters) throw new GrammarError('it is too large');
    return printed;
  }

  /** llama.cpp multiplies the counts of repetitions within one rule and soon refuses them: their parts become rules. */
  #withSimpleRepetitions(rules: Map<string, Expression>): Map<string, Expression> {
    const simple = new Map<string, Expression>();
    const simplify = (expression: Expression): Expression => {
      if (expression.kind === 'sequence') return { ...expression, items: expression.items.map(simplify) };
      if (expression.kind === 'choice') return { ...expression, options: expression.options.map(simplify) };
      if (expression.kind !== 'repeat') return expression;
      const item = simplify(expression.item);
      const isPlain = item.kind === 'class' || item.kind === 'rule' || expression.max === 1;
      if (isPlain) return { ...expression, item };
      const name = this.reserve('part');
      simple.set(name, item);
      return { ...expression, item: { kind: 'rule', name } };
    };
    for (const [name, expression] of rules) simple.set(name, simplify(expression));
    return simple;
  }

  /** Rules of alternatives that were left out would only be in the way. */
  #reachable(root: Expression): Map<string, Expression> {
    const reached = new Map([['root', root]]);
    const queue = [root];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const name of ruleNames(next, 0)) {
        const expression = this.#rules.get(name);
        if (expression === undefined) throw new Error(`the grammar's rule ${name} is missing`);
        if (reached.has(name)) continue;
        reached.set(name, expression);
        queue.push(expression);
      }
    }
    // From the leaves up: what is derived from rules is then known in few rounds.
    return new Map([...reached].toReversed());
  }
}

function ruleNames(expression: Expression, nesting: number): string[] {
  if (nesting > limits.nesting) throw new GrammarError('it is nested too deeply');
  if (expression.kind === 'rule') return [expression.name];
  if (expression.kind === 'sequence') return expression.items.flatMap((item) => ruleNames(item, nesting + 1));
  if (expression.kind === 'choice')
    return expression.options.flatMap((option) => ruleNames(option, nesting + 1));
  return expression.kind === 'repeat' ? ruleNames(expression.item, nesting + 1) : [];
}

/** Copies that llama.cpp makes of an expression's parts. */
function measure(expression: Expression): number {
  const sum = (items: readonly Expression[]): number =>
    items.reduce((total, item) => total + measure(item), 0);
  if (expression.kind === 'sequence') return sum(expression.items);
  if (expression.kind === 'choice') return sum(expression.options);
  if (expression.kind !== 'repeat') return 0;
  return (expression.max ?? expression.min) + measure(expression.item);
}

type Rules = ReadonlyMap<string, Expression>;

/** Grows the set of rules of which `test` holds until nothing changes. */
function fixpoint(rules: Rules, test: (expression: Expression, found: Set<string>) => boolean): Set<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [name, expression] of rules) if (!found.has(name) && test(expression, found)) found.add(name);
  }
  return found;
}

function emptyRules(rules: Rules): Set<string> {
  return fixpoint(rules, matchesEmpty);
}

function matchesEmpty(expression: Expression, empty: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'text':
      return expression.text === '';
    case 'class':
      return false;
    case 'sequence':
      return expression.items.every((item) => matchesEmpty(item, empty));
    case 'choice':
      return expression.options.some((option) => matchesEmpty(option, empty));
    case 'repeat':
      return expression.min === 0 || matchesEmpty(expression.item, empty);
    case 'rule':
      return empty.has(expression.name);
  }
}

function productiveRules(rules: Rules): Set<string> {
  const productive = (expression: Expression, found: ReadonlySet<string>): boolean => {
    if (expression.kind === 'sequence') return expression.items.every((item) => productive(item, found));
    if (expression.kind === 'choice') return expression.options.some((option) => productive(option, found));
    if (expression.kind === 'repeat') return expression.min === 0 || productive(expression.item, found);
    return expression.kind === 'rule' ? found.has(expression.name) : true;
  };
  return fixpoint(rules, productive);
}

/** llama.cpp would never leave a repetition of nothing. */
function refuseEmptyRepetition(expression: Expression, empty: ReadonlySet<string>, name: string): void {
  if (expression.kind === 'sequence')
    for (const item of expression.items) refuseEmptyRepetition(item, empty, name);
  if (expression.kind === 'choice')
    for (const option of expression.options) refuseEmptyRepetition(option, empty, name);
  if (expression.kind !== 'repeat') return;
  if (expression.max === null && matchesEmpty(expression.item, empty)) {
    throw new GrammarError('it repeats without end something that may be empty');
  }
  refuseEmptyRepetition(expression.item, empty, name);
}

function refuseLeftRecursion(rules: Rules, empty: ReadonlySet<string>): void {
  const done = new Set<string>();
  const open = new Set<string>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    if (open.has(name))
      throw new GrammarError('it refers to itself without a property or item in between', {
        code: 'invalid_value',
      });
    open.add(name);
    const expression = rules.get(name);
    if (expression !== undefined) for (const first of firstRules(expression, empty)) visit(first);
    open.delete(name);
    done.add(name);
  };
  for (const name of rules.keys()) visit(name);
}

/** The rules that an expression may start with. */
function firstRules(expression: Expression, empty: ReadonlySet<string>): string[] {
  switch (expression.kind) {
    case 'rule':
      return [expression.name];
    case 'choice':
      return expression.options.flatMap((option) => firstRules(option, empty));
    case 'repeat':
      return firstRules(expression.item, empty);
    case 'sequence': {
      const firsts: string[] = [];
      for (const item of expression.items) {
        firsts.push(...firstRules(item, empty));
        if (!matchesEmpty(item, empty)) break;
      }
      return firsts;
    }
    default:
      return [];
  }
}
