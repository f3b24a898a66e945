import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { explainErrors } from './schema-explain.js';
import type { YamlDocument } from './yaml.js';

/**
 * Compiles a JSON Schema (draft 2020-12 when its `$schema` says so, else draft-07) once; the validator returns the
 * document's value as a `T`.
 * @throws SiriusError (usage) whose message names `file:line` and the key, what was expected and what was got.
 */
export function createValidator<T>(schema: object): (document: YamlDocument) => T {
  const validate = compile(schema);
  return (document) => {
    if (validate(document.value)) return document.value as T;
    throw explainErrors(errorsOf(validate), document.value, {
      where: (pointer) => `${document.fileName}:${document.lineOf(pointer)}`,
      offset: (pointer) => document.offsetOf(pointer),
    });
  };
}

/** The same for a value without lines; `where` is the flag or the file it came from. */
export function validateValue<T>(schema: object, value: unknown, where: string): T {
  const validate = compile(schema);
  if (validate(value)) return value as T;
  throw explainErrors(errorsOf(validate), value, { where: () => where, offset: () => 0 });
}

const OPTIONS: Options = {
  allErrors: true,
  strict: true,
  // Both are sound JSON Schema that strict mode takes for slips: unions of types, and `required` in an `if`.
  allowUnionTypes: true,
  strictRequired: false,
  // Gives each error the schema and the value it is about.
  verbose: true,
};

const compiled = new WeakMap<object, ValidateFunction>();

function compile(schema: object): ValidateFunction {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    const { $schema } = schema as { $schema?: string };
    const ajv = $schema?.includes('2020-12') ? new Ajv2020(OPTIONS) : new Ajv(OPTIONS);
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate;
}

function errorsOf(validate: ValidateFunction): ErrorObject[] {
  return validate.errors ?? [];
}
