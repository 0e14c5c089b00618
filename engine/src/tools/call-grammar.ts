import { ApiError } from '@weai/protocol/errors';
import type { ChatRequest } from '@weai/protocol/chat-request';
import type { Tool } from '@weai/protocol/chat-tools';
import { choice, sequence, text, type Expression } from '../grammar/gbnf.ts';
import { compileSchema, printGrammar } from '../grammar/json-schema.ts';
import { JsonRules } from '../grammar/json-rules.ts';
import type { OutputGrammar } from './tool-format.ts';
import { toolOffer } from './tool-offer.ts';

/** A function that may be called, and what its arguments may be. */
export interface CallableFunction {
  name: string;
  parameters: Expression;
}

/** How a family writes calls. */
export interface CallNotation {
  /** One call, or several when `parallel`. */
  calls(functions: CallableFunction[], parallel: boolean, rules: JsonRules): Expression;
  /**
   * Patterns that tell that a call has begun. All of the text from the first group on must be something that `calls`
   * accepts: llama.cpp ends the process when it isn't.
   */
  triggerPatterns(names: string[]): string[];
  triggerTokens: string[];
}

/**
 * The grammar of a request's output. A call that must come is held from the start; one that may come, once it begins.
 * With `response_format` the output is either calls or content of that format, from the start.
 * @throws ApiError that names what can't be compiled.
 */
export function outputGrammar(request: ChatRequest, notation: CallNotation): OutputGrammar | null {
  const rules = new JsonRules();
  const content = contentExpression(request, rules);
  const offer = toolOffer(request);
  if (offer === null) return content === null ? null : eager(rules, content, 'response_format');
  const functions = offer.callable.map(({ tool, path }) => ({
    name: tool.function.name,
    parameters: rules.add(`${tool.function.name}-arguments`, argumentsExpression(tool, path, rules)),
  }));
  const calls = notation.calls(functions, offer.parallel, rules);
  if (offer.forced) return eager(rules, calls, 'tools');
  if (content !== null) return eager(rules, choice(calls, content), 'tools');
  return {
    gbnf: printGrammar(rules, calls, 'tools'),
    triggerPatterns: notation.triggerPatterns(functions.map(({ name }) => name)),
    triggerTokens: notation.triggerTokens,
  };
}

function eager(rules: JsonRules, root: Expression, param: string): OutputGrammar {
  return { gbnf: printGrammar(rules, root, param), triggerPatterns: [], triggerTokens: [] };
}

function contentExpression({ response_format: format }: ChatRequest, rules: JsonRules): Expression | null {
  if (format === null || format === undefined || format.type === 'text') return null;
  if (format.type === 'json_object') return rules.object;
  const { schema, strict } = format.json_schema;
  return compileSchema(schema ?? {}, rules, {
    param: 'response_format.json_schema.schema',
    undeclaredProperties: strict === true ? 'deny' : 'allow',
  });
}

function argumentsExpression(tool: Tool, path: string, rules: JsonRules): Expression {
  const { parameters, strict } = tool.function;
  if (parameters === null || parameters === undefined) return text('{}');
  const param = `${path}.parameters`;
  const { type } = parameters;
  if (type !== undefined && type !== 'object') {
    throw new ApiError('invalid_value', `Invalid '${param}.type': a function's parameters are an 'object'.`, {
      param: `${param}.type`,
    });
  }
  if (Object.keys(parameters).length === 0) return rules.object;
  return compileSchema(parameters, rules, {
    param,
    undeclaredProperties: strict === true ? 'deny' : 'allow-if-none-declared',
  });
}

/** A call as a JSON object: the function's name, its arguments under `argumentsKey`, then `last`. */
export function jsonCall(
  functions: CallableFunction[],
  argumentsKey: string,
  rules: JsonRules,
  last: Expression = text(''),
): Expression {
  const rest = functions.map(({ name, parameters }) =>
    sequence(text(`${name}"`), rules.comma, text(`"${argumentsKey}"`), rules.colon, parameters),
  );
  return rules.add(
    'call',
    rules.braces(sequence(text('"name"'), rules.colon, text('"'), choice(...rest), last)),
  );
}

/** `call`, or when `parallel` several with `separator` between them. */
export function oneOrMore(call: Expression, separator: Expression, parallel: boolean): Expression {
  if (!parallel) return call;
  return sequence(call, { kind: 'repeat', item: sequence(separator, call), min: 0, max: null });
}

/** What `JsonRules.space` matches, as a regular expression. */
export const spacePattern = '(?: |\\n {0,16})?';
