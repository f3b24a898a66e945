import { describe, expect, test } from 'vitest';
import { evenJobs } from './even-jobs.js';

describe('trials at once', () => {
  test.each([
    { trials: 3, cores: 2, jobs: 3, why: 'all share both cores, in place of two rounds' },
    { trials: 9, cores: 2, jobs: 3, why: 'three rounds of three' },
    { trials: 7, cores: 2, jobs: 4, why: 'four, then three' },
    { trials: 9, cores: 4, jobs: 5, why: 'five, then four' },
    { trials: 4, cores: 2, jobs: 2, why: 'whole rounds' },
    { trials: 3, cores: 8, jobs: 8, why: 'fewer than cores' },
    { trials: 3, cores: 1, jobs: 1, why: 'nothing to share' },
  ])('$trials on $cores cores: $jobs, $why', ({ trials, cores, jobs }) => {
    expect(evenJobs(trials, cores)).toBe(jobs);
  });
});
