import assert from 'node:assert';
import { type SiriusError, usageError } from './errors.js';

/** Addresses that follow each other. */
export interface Ipv4Range {
  /** As a number in host order: 10.0.0.0 is 0x0a000000. */
  first: number;
  count: number;
}

export interface Ipv4Prefix {
  address: number;
  /** 0 .. 32 */
  length: number;
}

/** The flag or `file:line` that an error names. */
export interface AddressWhere {
  where?: string;
}

/** Reads four decimal numbers; `010.0.0.1` is refused, since some take it for octal. */
export function parseIpv4(text: string, { where = 'address' }: AddressWhere = {}): number {
  const value = ipv4Value(text.trim());
  if (value !== undefined) return value;
  throw addressError(
    where,
    'an IPv4 address such as 10.0.0.1',
    text,
    'Write four numbers from 0 to 255 without leading zeros.',
  );
}

export function formatIpv4(address: number): string {
  assert(
    Number.isInteger(address) && address >= 0 && address <= 0xffffffff,
    `not an IPv4 address: ${address}`,
  );
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Reads `10.0.0.0/20`, `10.0.0.1-10.0.0.9` or `10.0.0.1`. */
export function parseIpv4Range(text: string, { where = 'address' }: AddressWhere = {}): Ipv4Range {
  if (text.includes('/')) {
    const { address, length } = parsePrefix(text, { where });
    return { first: address, count: 2 ** (32 - length) };
  }
  const [start = '', end = start, ...rest] = text.split('-');
  const first = ipv4Value(start.trim());
  const last = ipv4Value(end.trim());
  if (first !== undefined && last !== undefined && rest.length === 0 && first <= last) {
    return { first, count: last - first + 1 };
  }
  const swapped = first !== undefined && last !== undefined && rest.length === 0;
  throw addressError(
    where,
    'IPv4 addresses such as 10.0.0.0/20, 10.0.0.1-10.0.0.9 or 10.0.0.1',
    text,
    swapped ? 'Write the lower address first.' : 'Write each address as four numbers from 0 to 255.',
  );
}

/** Reads `10.0.0.0/20`; bits beyond the length must be zero. */
export function parsePrefix(text: string, { where = 'address' }: AddressWhere = {}): Ipv4Prefix {
  const [head = '', tail = '', ...rest] = text.trim().split('/');
  const address = ipv4Value(head);
  const length = prefixLength(tail);
  const expected = 'an IPv4 prefix such as 10.0.0.0/20';
  if (address === undefined || length === undefined || rest.length > 0) {
    throw addressError(where, expected, text, 'Write an address, a slash and a length from 0 to 32.');
  }
  const network = length === 0 ? 0 : (address & (-1 << (32 - length))) >>> 0;
  if (network !== address) {
    const hint = `Did you mean ${formatIpv4(network)}/${length}, or ${formatIpv4(address)}/32 for one address?`;
    throw addressError(where, `${expected}, with zeros after the first ${length} bits`, text, hint);
  }
  return { address, length };
}

/** Reads every form of RFC 4291, section 2.2 (`::`, an IPv4 address at the end), as a number of 128 bits. No zone. */
export function parseIpv6(text: string, { where = 'address' }: AddressWhere = {}): bigint {
  const value = ipv6Value(text.trim());
  if (value !== undefined) return value;
  const hint = 'Write eight groups of up to four hexadecimal digits; one run of zero groups may be `::`.';
  throw addressError(where, 'an IPv6 address such as 2001:db8::1', text, hint);
}

/** The one canonical text of RFC 5952; IPv4-mapped addresses (`::ffff:0:0/96`) end in dotted decimal. */
export function formatIpv6(address: bigint): string {
  assert(address >= 0n && address < 1n << 128n, `not an IPv6 address: ${address}`);
  if (address >> 32n === 0xffffn) return `::ffff:${formatIpv4(Number(address & 0xffffffffn))}`;
  const groups = Array.from({ length: 8 }, (_, i) => Number((address >> BigInt(112 - 16 * i)) & 0xffffn));
  const zeros = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (zeros.count < 2) return hex(groups);
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.count))}`;
}

function ipv4Value(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

function ipv6Value(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = ipv6Groups(halves[0] ?? '', halves.length === 1);
  const tail = ipv6Groups(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Groups of one side of `::`; only the last of the address may be in dotted decimal. */
function ipv6Groups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    const embedded = isEnd && i === parts.length - 1 && part.includes('.') ? ipv4Value(part) : undefined;
    if (embedded !== undefined) groups.push(embedded >>> 16, embedded & 0xffff);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** The first of the longest runs of zeros (RFC 5952, 4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; count: number } {
  let best = { start: 0, count: 0 };
  let count = 0;
  for (const [i, group] of groups.entries()) {
    count = group === 0 ? count + 1 : 0;
    if (count > best.count) best = { start: i - count + 1, count };
  }
  return best;
}

function prefixLength(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 32 ? Number(text) : undefined;
}

function addressError(where: string, expected: string, text: string, hint: string): SiriusError {
  return usageError({ code: 'address', where, expected, got: JSON.stringify(text), hint });
}
