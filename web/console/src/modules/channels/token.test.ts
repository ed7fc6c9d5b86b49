import { expect, test } from 'vitest';
import { timeLeft } from './token';

const ENDS = '2026-11-22T09:00:00Z';
const token = (days_left: number | null) => ({
  expires_at: ENDS,
  days_left,
  has_ended: false,
  refused_at: null,
});

test('a token counts down in days', () => {
  expect(timeLeft(token(3), Date.parse('2026-11-19T08:00:00Z'), 'en')).toBe('in 3 days');
  expect(timeLeft(token(1), Date.parse('2026-11-21T08:00:00Z'), 'fr')).toBe('dans 1 jour');
});

test('on its last day it counts down in hours, whatever the calendar says', () => {
  expect(timeLeft(token(0), Date.parse('2026-11-21T21:30:00Z'), 'en')).toBe('in 12 hours');
  expect(timeLeft(token(0), Date.parse('2026-11-22T08:59:00Z'), 'de')).toBe('in 1 Stunde');
});
