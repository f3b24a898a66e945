import assert from 'node:assert';
import { CLOUD_NUMBERS } from './numbers-cloud.js';
import { DESIGN_NUMBERS } from './numbers-design.js';
import { FAULT_NUMBERS } from './numbers-faults.js';
import { LAB_NUMBERS } from './numbers-lab.js';
import { WORKLOAD_NUMBERS } from './numbers-workload.js';
import type { PaperNumber } from './paper-number.js';

/**
 * Every number that the NSDI'23 paper states in text or in a table, in the order of its sections. Left out are
 * illustrations ("to move 25% of the load"), ordinals, years and what is only drawn: nothing is read off a curve.
 */
export const PAPER_NUMBERS: readonly PaperNumber[] = [
  ...WORKLOAD_NUMBERS,
  ...DESIGN_NUMBERS,
  ...LAB_NUMBERS,
  ...FAULT_NUMBERS,
  ...CLOUD_NUMBERS,
];

const byId = new Map(PAPER_NUMBERS.map((number) => [number.id, number]));

/** The number of that name, which must exist. */
export function paperNumber(id: string): PaperNumber {
  const number = byId.get(id);
  assert(number !== undefined, `the paper's numbers have one called ${id}`);
  return number;
}
