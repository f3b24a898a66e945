import { usageError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { validateValue } from '../core/schema.js';
import { profileSchema } from './profile-file.js';
import { PROFILE_KEYS, type Settings } from './profile-settings.js';

/**
 * Lays `key=value` tunables over a profile's settings, the last one of a key wins.
 * @throws SiriusError (usage) for an unknown key (listing the known ones), a missing `=` or a value the schema refuses.
 */
export function applyTunables(settings: Settings, tunables: readonly string[]): Settings {
  if (tunables.length === 0) return settings;
  const merged = new Map(settings);
  for (const tunable of tunables) {
    const { key, text } = splitTunable(tunable);
    const where = `--tunable ${key}`;
    const value = parseScalar(text);
    validateValue(tunableSchema(), nest(key, value), where);
    merged.set(key, { value, where });
  }
  return merged;
}

function splitTunable(tunable: string): { key: string; text: string } {
  const equals = tunable.indexOf('=');
  if (equals <= 0 || equals === tunable.length - 1) {
    throw usageError({
      code: 'tunable-syntax',
      where: '--tunable',
      expected: 'key=value',
      got: `"${tunable}"`,
      hint: 'For example -t innerFrameBytes=1500 or -t tcp.hold=10ms.',
    });
  }
  const key = tunable.slice(0, equals).trim();
  if (!(PROFILE_KEYS as readonly string[]).includes(key)) throw unknownKey(key);
  return { key, text: tunable.slice(equals + 1).trim() };
}

function unknownKey(key: string): Error {
  const candidate = nearest(key, PROFILE_KEYS);
  return usageError({
    code: 'tunable-unknown',
    where: '--tunable',
    expected: `one of ${PROFILE_KEYS.join(', ')}`,
    got: `"${key}"`,
    hint: candidate
      ? `Did you mean ${candidate}?`
      : '`sirius-bench profiles show NAME` shows every key with its value.',
  });
}

/** A number where the text is one, as YAML would read it. */
function parseScalar(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function nest(key: string, value: unknown): unknown {
  return key.split('.').reduceRight((inner, name) => ({ [name]: inner }), value);
}

let schemaOnce: object | undefined;

/** A profile's schema for a value that is only a part of one. */
function tunableSchema(): object {
  if (schemaOnce === undefined) {
    const { required: _required, ...schema } = profileSchema();
    schemaOnce = schema;
  }
  return schemaOnce;
}
