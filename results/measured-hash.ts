import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';
import type { Measured } from './result.js';

/** sha256 in hex over the canonical JSON (RFC 8785) of `measured` without its own `hash`. */
export function hashMeasured(measured: Omit<Measured, 'hash'> & { hash?: string }): string {
  const { hash: _sealed, ...content } = measured;
  return createHash('sha256').update(canonicalJson(content), 'utf8').digest('hex');
}

/** The same figures with their hash: the last step of building a result. */
export function sealMeasured(measured: Omit<Measured, 'hash'>): Measured {
  return { ...measured, hash: hashMeasured(measured) };
}

// The package is CommonJS with an `export default` in its types, which `nodenext` reads as `{ default }`.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** The canonical JSON (RFC 8785) of plain data. */
export function canonicalJson(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('measured has no JSON form');
  return text;
}
