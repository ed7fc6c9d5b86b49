import { describe, expect, test, vi } from 'vitest';
import { Freshener } from '../conversations/live';
import { barsOf, sumsOf, type Hour } from './figures';

const hour = (received: number, expected: number | null): Hour => ({
  hour: '2026-11-16T09:00:00Z',
  expected,
  received,
  sent: 0,
  failed: 0,
  unknown: 0,
});

describe('the hours of an account', () => {
  test('stand beside each other, the highest of what came and what is usual as high as the chart', () => {
    const bars = barsOf([hour(5, 20), hour(10, 10)]);
    expect(bars.map(({ received, expected }) => [received, expected])).toEqual([
      [0.25, 1],
      [0.5, 0.5],
    ]);
  });

  test('in which nothing happened have no height', () => {
    expect(barsOf([hour(0, 0)])[0]).toMatchObject({ received: 0, expected: 0 });
  });

  test('add up, and what is usual is unknown until it is known of an hour', () => {
    expect(sumsOf([hour(3, 1.4), hour(4, 2.4)])).toEqual({ received: 7, usual: 4 });
    expect(sumsOf([hour(3, null)])).toEqual({ received: 3, usual: null });
  });
});

test('an alert has the page read again without a reload', () => {
  const client = { invalidateQueries: vi.fn() };
  new Freshener(client).take({ type: 'channel', id: 'a' });
  expect(client.invalidateQueries).toHaveBeenCalledWith({ queryKey: ['channels'] });
});
