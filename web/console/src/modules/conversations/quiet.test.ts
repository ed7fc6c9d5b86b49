import { expect, test } from 'vitest';
import { quietFor } from './quiet';

const NOON = Date.parse('2026-11-22T12:00:00Z');

test.each([
  [null, 0],
  ['2026-11-22T11:59:59Z', 0],
  ['2026-11-22T12:00:00Z', 0],
  ['2026-11-22T12:00:03Z', 3_000],
])('at noon a silence until %s lasts for another %d ms', (until, left) => {
  expect(quietFor(until, NOON)).toBe(left);
});
