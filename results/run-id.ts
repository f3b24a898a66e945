import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

const STAMP = /^\d{8}T\d{6}Z$/;
const KIND = /^[a-z][a-z0-9-]*$/;
const HASH = /^[0-9a-f]{64}$/;
const HASH_DIGITS = 6;

/** `20261122T213000Z-cps-3f9a1c`: sorts by time, tells the command, and the same inputs with the same figures show the same end. */
export function newRunId({ stamp, kind, inputHash, measuredHash }: NewRunId): string {
  assert.match(stamp, STAMP, 'stamp is core/clock.ts utcStamp()');
  assert.match(kind, KIND);
  assert.match(inputHash, HASH, 'inputHash is the hash of the result');
  assert.match(measuredHash, HASH, 'measuredHash is measured.hash');
  const end = createHash('sha256').update(`${inputHash}${measuredHash}`, 'utf8').digest('hex');
  return `${stamp}-${kind}-${end.slice(0, HASH_DIGITS)}`;
}

export interface NewRunId {
  /** `20261122T213000Z`. */
  stamp: string;
  kind: string;
  /** 64 hex digits each: of two runs that begin in one second, either may be equal. */
  inputHash: string;
  measuredHash: string;
}

/** The command that a run is of, as its id tells: `cps`. */
export function runKind(id: string): string {
  return id.split('-').slice(1, -1).join('-');
}

/** The start of the run that its id carries, in milliseconds since the epoch. */
export function runStartMs(id: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(id) ?? [];
  assert.ok(year && month, `a run id starts with its time, got ${id}`);
  return Date.UTC(+year, +month - 1, Number(day), Number(hour), Number(minute), Number(second));
}
