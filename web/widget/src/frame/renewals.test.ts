import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { begin, connect, HOUR_MS, makeChat, message } from '../../../tests/chatting';
import type { Frame } from '../../../wire/wire';
import { readMessage } from './protocol';
import { BEFORE_END_MS, CHECKED_LATE_MS, CHECKED_SOON_MS } from './renewals';

beforeEach(begin);
afterEach(() => vi.useRealTimers());

function withFile(n: number, file: object = {}): Frame {
  const told = { id: 'f', name: 'menu.pdf', kind: 'document', size_bytes: 9, state: 'ready' };
  const link = { url: 'http://lumi.example/files/one', expires_in: 3600 };
  return { ...message(n, { at: new Date().toISOString() }), files: [{ ...told, ...link, ...file }] };
}

test('a file is had from this server, by whatever name that is known to itself', () => {
  const [file] = readMessage(withFile(1))?.files ?? [];
  expect(file).toMatchObject({ name: 'menu.pdf', kind: 'document', size: 9, url: '/files/one' });
});

test.each([null, 'javascript:alert(1)', '/files/one', 7])('%s is no address of a file', (url) => {
  expect(readMessage(withFile(1, { url }))?.files[0]?.url).toBe(null);
});

test('what is no file is left out, and a kind nobody knows is a document', () => {
  const frame = { ...withFile(1), files: [null, {}, { id: 'x', kind: 'hologram' }] };
  expect(readMessage(frame)?.files).toMatchObject([{ id: 'x', kind: 'document', url: null }]);
  expect(readMessage(message(1))?.files).toEqual([]);
});

test('before an address ends a fresh one is asked for, as long as the page is open', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  socket.say(withFile(1));
  await vi.advanceTimersByTimeAsync(HOUR_MS - BEFORE_END_MS - 1_000);
  expect(socket.sentOf('files')).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(socket.sentOf('files')).toEqual([{ type: 'files', n: 1 }]);
  socket.say({ ...withFile(1, { url: 'http://lumi.example/files/two' }), type: 'files' });
  expect(chat.ledger.list()[0]).toMatchObject({ text: 'text 1', files: [{ url: '/files/two' }] });
  await vi.advanceTimersByTimeAsync(HOUR_MS - BEFORE_END_MS);
  expect(socket.sentOf('files')).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(CHECKED_LATE_MS - 1);
  expect(socket.sentOf('files')).toHaveLength(2);
});

test('whoever was away when it ended has a fresh one with the connection', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  socket.say(withFile(1));
  socket.end(1006);
  chat.wire.close();
  await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
  const next = await connect(chat, 1);
  expect(next.sentOf('files')).toEqual([{ type: 'files', n: 1 }]);
});

test('what is still looked at is asked about soon, and later less often', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  const waiting = { url: null, expires_in: null, state: 'waiting' };
  socket.say(withFile(1, waiting));
  await vi.advanceTimersByTimeAsync(CHECKED_SOON_MS);
  expect(socket.sentOf('files')).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(CHECKED_LATE_MS);
  const old = { ...withFile(1, waiting), at: '2020-01-01T00:00:00Z', type: 'files' };
  socket.say(old);
  const before = socket.sentOf('files').length;
  await vi.advanceTimersByTimeAsync(CHECKED_LATE_MS - 1);
  expect(socket.sentOf('files')).toHaveLength(before);
  socket.say({ ...withFile(1, { ...waiting, state: 'refused' }), type: 'files' });
  await vi.advanceTimersByTimeAsync(10 * CHECKED_LATE_MS);
  expect(socket.sentOf('files')).toHaveLength(before);
});
