import { expect, test } from 'vitest';
import type { DataPlaneBuild } from '../core/dataplane-module.js';
import { buildBench } from './tcp-bench-fixture.js';

test.each<DataPlaneBuild>(['release', 'debug'])(
  '%s build: a data plane takes one generator of TCP connections, whose losses are watched',
  (build) => {
    const { testbed } = buildBench({ durationNs: 1e6, rateCps: 1000, build });
    const { exports } = testbed.dataPlane;
    expect(() => exports.tcpGeneratorCreate(testbed.pool, 0, 16, 1)).toThrow(
      'a data plane has at most one generator of TCP connections',
    );
  },
);
