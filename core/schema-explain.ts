import assert from 'node:assert';
import type { ErrorObject } from 'ajv';
import { SiriusError } from './errors.js';
import { nearest } from './nearest.js';

/** Told in full; more are counted. */
const PROBLEMS_TOLD_MAX = 5;

/** Where a JSON pointer leads. */
export interface PlaceOf {
  /** `file:line`, or a flag. */
  where(jsonPointer: string): string;
  /** From the start of the file; 0 where there is none. */
  offset(jsonPointer: string): number;
}

/**
 * Turns what ajv found wrong into one error: up to five problems, the most telling ones, one of each place, a line each and in the order of the
 * file. The hint is of the most telling one, and counts the others.
 */
export function explainErrors(
  errors: readonly ErrorObject[],
  root: unknown,
  { where, offset }: PlaceOf,
): SiriusError {
  const telling = withoutCombinators(errors);
  const problems = onePerPlace(
    telling.map((error) => problemOf(error, telling)).sort((a, b) => a.rank - b.rank),
  );
  const [first] = problems;
  assert(first !== undefined, 'a schema that fails reports an error');
  const placeOf = ({ pointer }: Problem) => {
    const path = keyPath(pointer, root);
    return path === '' ? where(pointer) : `${where(pointer)}: ${path}`;
  };
  const told = problems
    .slice(0, PROBLEMS_TOLD_MAX)
    .sort((a, b) => offset(a.pointer) - offset(b.pointer) || a.rank - b.rank);
  const untold = problems.length - told.length;
  const more = untold === 0 ? '' : ` (${untold} more ${untold === 1 ? 'problem' : 'problems'} after these)`;
  const of = told[0] === first ? '' : `${placeOf(first)}: `;
  return new SiriusError({
    code: first.code,
    message: told
      .map((problem) => `${placeOf(problem)}: expected ${problem.expected}, got ${problem.got}`)
      .join('\n'),
    hint: `${of}${first.hint}${more}`,
  });
}

/** A value that is wrong in two ways is one problem, told by the more telling of them. */
function onePerPlace(problems: readonly Problem[]): Problem[] {
  return problems.filter(
    ({ pointer }, index) => problems.findIndex((other) => other.pointer === pointer) === index,
  );
}

interface Problem {
  code: string;
  pointer: string;
  /** Lower is told first: a mistyped key explains the missing one. */
  rank: number;
  expected: string;
  got: string;
  hint: string;
}

/** The parts of an ajv error that are read here; `params` differs by keyword. */
type Params = Record<string, unknown>;

interface SchemaNode {
  /** Of a text that is a number with a unit: what it may look like. */
  examples?: unknown[];
  title?: string;
  description?: string;
  properties?: Record<string, unknown>;
}

/** `anyOf` and `if` only repeat what their branches said; a failed `not` or `contains` has no branch errors and stays. */
function withoutCombinators(errors: readonly ErrorObject[]): ErrorObject[] {
  const leaves = errors.filter(
    ({ keyword }) => !['anyOf', 'oneOf', 'allOf', 'if', 'propertyNames'].includes(keyword),
  );
  return leaves.length > 0 ? leaves : [...errors];
}

function problemOf(error: ErrorObject, all: readonly ErrorObject[]): Problem {
  const params = error.params as Params;
  const schema = (error.parentSchema ?? {}) as SchemaNode;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(error, String(params.additionalProperty ?? params.unevaluatedProperty), schema);
    case 'required':
    case 'dependentRequired':
    case 'dependencies':
      return missingKey(error, String(params.missingProperty), schema);
    default:
      return wrongValue(error, expectation(error, params, all), schema);
  }
}

function unknownKey(error: ErrorObject, key: string, schema: SchemaNode): Problem {
  const known = Object.keys(schema.properties ?? {});
  const candidate = nearest(key, known);
  const list = known.length === 0 ? 'no key here' : `one of the keys ${known.join(', ')}`;
  return {
    code: 'schema-unknown-key',
    pointer: `${error.instancePath}/${escapePointer(key)}`,
    rank: 0,
    expected: list,
    got: `the unknown key ${quoted(key)}`,
    hint: candidate === undefined ? `Remove ${key}, or use a key of the list.` : `Did you mean ${candidate}?`,
  };
}

function missingKey(error: ErrorObject, key: string, schema: SchemaNode): Problem {
  const description = (schema.properties?.[key] as SchemaNode | undefined)?.description;
  const isObject = typeof error.data === 'object' && error.data !== null;
  const present = isObject ? Object.keys(error.data as object) : [];
  return {
    code: 'schema-missing-key',
    pointer: error.instancePath,
    rank: 2,
    expected: `the key ${quoted(key)}`,
    got: present.length === 0 ? 'no keys' : `only ${present.map(quoted).join(', ')}`,
    hint: description === undefined ? `Add ${key}.` : `Add ${key}: ${description}`,
  };
}

function wrongValue(error: ErrorObject, expected: string, schema: SchemaNode): Problem {
  return {
    code: `schema-${error.keyword.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    pointer: error.instancePath,
    // A key that is missing explains a wrong number of keys.
    rank: ['not', 'minProperties', 'maxProperties'].includes(error.keyword) ? 3 : 1,
    expected,
    got: shown(error.data),
    hint:
      asList(error) ??
      withUnit(error, schema) ??
      schema.description ??
      suggestion(error) ??
      'Change the value to what is expected.',
  };
}

/** Whoever gives one item where a list is wanted. */
function asList({ keyword, params, data, instancePath }: ErrorObject): string | undefined {
  const isOne = typeof data === 'string' || typeof data === 'number';
  const key = instancePath.split('/').at(-1) ?? '';
  const isKey = key !== '' && !/^\d+$/.test(key);
  if (keyword !== 'type' || (params as Params).type !== 'array' || !isOne || !isKey) return undefined;
  return `Write ${key}: [${data}].`;
}

/** Whoever leaves out the unit of a number: the units are those of the examples. */
function withUnit({ keyword, data }: ErrorObject, { examples = [] }: SchemaNode): string | undefined {
  const units = examples.flatMap((example) => /^\d+([a-z]+)$/i.exec(String(example))?.[1] ?? []);
  if (keyword !== 'type' || typeof data !== 'number' || units.length === 0) return undefined;
  return `Add a unit: ${units.map((unit) => `${data}${unit}`).join(', ')}.`;
}

/** What the value should have been; several types that branches of the schema want are told together. */
function expectation(error: ErrorObject, params: Params, all: readonly ErrorObject[]): string {
  const limit = params.limit;
  switch (error.keyword) {
    case 'type': {
      const same = all.filter(
        ({ keyword, instancePath }) => keyword === 'type' && instancePath === error.instancePath,
      );
      const types = same.flatMap((other) => [(other.params as Params).type as string | string[]].flat());
      return [...new Set(types)].map((type) => TYPE_NAMES[type] ?? type).join(' or ');
    }
    case 'enum':
      return `one of ${(params.allowedValues as unknown[]).map(plain).join(', ')}`;
    case 'const':
      return plain(params.allowedValue);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `a number ${COMPARISONS[params.comparison as string]} ${limit}`;
    case 'multipleOf':
      return `a multiple of ${params.multipleOf}`;
    case 'minLength':
      return limit === 1 ? 'text that is not empty' : `at least ${limit} characters`;
    case 'maxLength':
      return `at most ${limit} characters`;
    case 'minItems':
      return limit === 1 ? 'a list that is not empty' : `at least ${limit} items`;
    case 'maxItems':
      return `at most ${limit} items`;
    case 'uniqueItems':
      return `items that differ (numbers ${Math.min(Number(params.i), Number(params.j)) + 1} and ${Math.max(Number(params.i), Number(params.j)) + 1} are the same)`;
    case 'minProperties':
      return (error.parentSchema as SchemaNode | undefined)?.title ?? `at least ${limit} keys`;
    case 'maxProperties':
      return (error.parentSchema as SchemaNode | undefined)?.title ?? `at most ${limit} keys`;
    case 'pattern':
      return `text that matches ${params.pattern}`;
    default:
      return `a value that ${error.message ?? 'the schema accepts'}`;
  }
}

const TYPE_NAMES: Record<string, string> = {
  object: 'an object (keys with values)',
  array: 'an array (a list)',
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  null: 'nothing',
};

const COMPARISONS: Record<string, string> = {
  '>=': 'of at least',
  '<=': 'of at most',
  '>': 'above',
  '<': 'below',
};

function suggestion({ keyword, params, data }: ErrorObject): string | undefined {
  if (keyword === 'enum' && typeof data === 'string') {
    const allowed = (params as { allowedValues: unknown[] }).allowedValues.map(plain);
    const candidate = nearest(data, allowed);
    return candidate === undefined ? `Choose one of ${allowed.join(', ')}.` : `Did you mean ${candidate}?`;
  }
  if (keyword === 'type' && typeof data === 'number')
    return 'Put the value in quotes if it is meant as text.';
  return undefined;
}

/** `/levels/fnic/rules/0/action` as `levels.fnic.rules[0].action`. */
function keyPath(pointer: string, root: unknown): string {
  let path = '';
  let node = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(node)) path += `[${name}]`;
    else path += path === '' ? name : `.${name}`;
    node = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined;
  }
  return path;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A value of the schema, as a user would type it. */
function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const SHOWN_CHARACTERS_MAX = 60;

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX - 3)}...`;
}
