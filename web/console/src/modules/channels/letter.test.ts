import { expect, test } from 'vitest';
import type { Letter } from '../../api/client';
import { asked, canRequeue, channelOf, conversationOf, isWhole } from './letter';

const letter = (changes: Partial<Letter>): Letter => ({
  id: 'a',
  source: 'event',
  origin: '0199/7',
  reason: 'crashed',
  body: '{}',
  body_bytes: 2,
  created_at: '2026-11-21T20:00:00Z',
  closed_at: null,
  requeued_at: null,
  ...changes,
});

test('a message names its conversation, nothing else does', () => {
  expect(conversationOf(letter({}))).toBe('0199');
  expect(conversationOf(letter({ source: 'webhook', origin: 'whatsapp' }))).toBeNull();
});

test.each([
  [{ source: 'event' }, true],
  [{ source: 'job' }, true],
  [{ source: 'webhook' }, true],
  [{ source: 'webhook', closed_at: '2026-11-21T20:00:00Z' }, false],
  [{ source: 'job', closed_at: '2026-11-21T20:00:00Z' }, false],
] as const)('%j can be tried again: %s', (changes, expected) => {
  expect(canRequeue(letter(changes))).toBe(expected);
});

test('of what is long only the beginning is shown, and that is said', () => {
  expect(isWhole(letter({ body: 'é', body_bytes: 2 }))).toBe(true);
  expect(isWhole(letter({ body: 'é', body_bytes: 9_000 }))).toBe(false);
});

test('everything is asked for by naming nothing', () => {
  expect(asked('all', undefined)).toEqual({});
  expect(asked('open', 'job')).toEqual({ open: true, source: 'job' });
  expect(asked('closed', undefined)).toEqual({ open: false });
});

test('the channel of a webhook is told with its account and without', () => {
  expect(channelOf(letter({ source: 'webhook', origin: 'whatsapp' }))).toBe('whatsapp');
  expect(channelOf(letter({ source: 'webhook', origin: 'whatsapp/0199' }))).toBe('whatsapp');
});
