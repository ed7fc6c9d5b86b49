import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Conversation } from '../../api/client';
import { isTrouble, stateText } from './delivery';
import { Freshener, LIST_EVERY_MS } from './live';
import { listed, newDraft } from './queries';
import { Seen } from './seen';
import { actionOf } from './shortcuts';
import { previewText } from './words';

const conversation = (id: string, n: number) =>
  ({ id, last: { n, author: 'contact', text: '', at: '' } }) as Conversation;

describe('live updates', () => {
  const client = { invalidateQueries: vi.fn() };
  const lists = () =>
    client.invalidateQueries.mock.calls.filter(([what]) => what?.queryKey?.[0] === 'conversations');
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    client.invalidateQueries.mockClear();
  });
  afterEach(() => vi.useRealTimers());

  test('a changed conversation is read again at once, the lists soon after', () => {
    new Freshener(client).take({ type: 'conversation', id: 'a', n: 3 });
    expect(client.invalidateQueries).toHaveBeenCalledWith({ queryKey: ['conversation', 'a'] });
    expect(client.invalidateQueries).toHaveBeenCalledWith({ queryKey: ['messages', 'a'] });
    vi.advanceTimersByTime(LIST_EVERY_MS);
    expect(lists()).toHaveLength(1);
  });

  test('a busy tenant does not make the lists be read for every message', () => {
    const freshener = new Freshener(client);
    for (let n = 0; n < 100; n += 1) {
      freshener.take({ type: 'conversation', id: `c${n}`, n });
      vi.advanceTimersByTime(50);
    }
    vi.advanceTimersByTime(LIST_EVERY_MS);
    expect(lists().length).toBeGreaterThan(3);
    expect(lists().length).toBeLessThan(8);
  });

  test('after a gap everything is read again', () => {
    new Freshener(client).take({ type: 'resync' });
    expect(client.invalidateQueries).toHaveBeenCalledWith();
  });
});

describe('the row of a conversation', () => {
  const last = { n: 1, author: 'staff', text: '', at: '', file: null };
  const tr = (key: string) => key;

  test('shows the words, and of a file without any what it is', () => {
    expect(previewText({ ...last, text: 'Voici.', file: 'image' }, tr)).toBe('Voici.');
    expect(previewText({ ...last, file: 'image' }, tr)).toBe('attachment_image');
    expect(previewText({ ...last, file: 'voice' }, tr)).toBe('attachment_voice');
    expect(previewText(last, tr)).toBe('');
  });
});

describe('what is unread', () => {
  const entries = new Map<string, string>();
  const storage = {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
  };
  beforeEach(() => entries.clear());

  test('is what came after the last message read, also on the next visit', () => {
    const seen = new Seen('k', storage);
    expect(seen.isUnread(conversation('a', 2))).toBe(true);
    seen.mark('a', 2);
    expect(seen.isUnread(conversation('a', 2))).toBe(false);
    expect(new Seen('k', storage).isUnread(conversation('a', 2))).toBe(false);
    expect(new Seen('k', storage).isUnread(conversation('a', 3))).toBe(true);
  });

  test('never goes back, and an empty conversation is not unread', () => {
    const seen = new Seen('k', storage);
    seen.mark('a', 5);
    seen.mark('a', 3);
    expect(seen.isUnread(conversation('a', 5))).toBe(false);
    expect(seen.isUnread({ id: 'b', last: null })).toBe(false);
  });

  test('survives a storage that holds something else', () => {
    entries.set('k', '{"a":1}');
    expect(new Seen('k', storage).isUnread(conversation('a', 1))).toBe(true);
  });
});

describe('shortcuts', () => {
  const press = (key: string, extra: object = {}) =>
    ({
      key,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      defaultPrevented: false,
      ...extra,
    }) as KeyboardEvent;

  test('act on their key', () => {
    expect(actionOf(press('j'), false, true)).toBe('next');
    expect(actionOf(press('?'), false, true)).toBe('help');
    expect(actionOf(press('x'), false, true)).toBeNull();
  });

  test('do nothing while somebody types, with a modifier, or when they are switched off', () => {
    expect(actionOf(press('t'), true, true)).toBeNull();
    expect(actionOf(press('r', { ctrlKey: true }), false, true)).toBeNull();
    expect(actionOf(press('t'), false, false)).toBeNull();
    expect(actionOf(press('Escape'), false, false)).toBe('list');
  });
});

test('a conversation that moved between two pages is listed once', () => {
  const page = (...ids: string[]) => ({ items: ids.map((id) => conversation(id, 1)), next: null });
  const data = { pages: [page('a', 'b'), page('b', 'c')], pageParams: ['', 'x'] };
  expect(listed(data).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(listed(undefined)).toEqual([]);
});

test('two drafts have two keys', () => {
  expect(newDraft('a').key).not.toBe(newDraft('a').key);
});

test('failed and unknown deliveries are trouble, and a state has words when this page knows it', () => {
  expect(isTrouble({ state: 'failed', error: null })).toBe(true);
  expect(isTrouble({ state: 'unknown', error: null })).toBe(true);
  expect(isTrouble({ state: 'delivered', error: null })).toBe(false);
  expect(stateText({ state: 'unknown', error: null })).toBe('delivery_unknown');
  expect(stateText({ state: 'of_next_year', error: null })).toBeNull();
});
