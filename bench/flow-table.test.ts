import { describe, expect, it } from 'vitest';
import { benchFlowTable, FLOW_TABLE_BENCH_SMOKE } from './flow-table.js';

describe('flow table bench', () => {
  it('runs at smoke size: each timing is a positive number', () => {
    const [timing] = benchFlowTable(FLOW_TABLE_BENCH_SMOKE);
    expect(timing?.connections).toBe(1000);
    const { connections, displacedPerInsert, ...timings } = timing ?? {
      connections: 0,
      displacedPerInsert: 0,
    };
    for (const [name, value] of Object.entries(timings)) expect(value, name).toBeGreaterThan(0);
  });
});
