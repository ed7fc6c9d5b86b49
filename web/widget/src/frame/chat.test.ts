import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { begin, connect, makeChat, message, reconnect, SALON, scene } from '../../../tests/chatting';
import { lengthOf, RESEND_AFTER_MS } from './chat';
import { Outbox } from './outbox';

beforeEach(begin);
afterEach(() => vi.useRealTimers());

test('a message is shown at once and kept until it is acknowledged', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  chat.say('hello');
  const [item] = chat.pending();
  expect(socket.sentOf('message')).toEqual([{ type: 'message', id: item?.id, text: 'hello' }]);
  expect(scene.keep.length).toBe(1);
  socket.say({ type: 'ack', id: item?.id });
  expect(scene.keep.length).toBe(0);
  expect(chat.pending()).toHaveLength(1);
  socket.say(message(1, { author: 'contact', client_id: item?.id ?? '', text: 'hello' }));
  expect(chat.pending()).toEqual([]);
  expect(chat.ledger.list().map(({ text }) => text)).toEqual(['hello']);
});

test('what is written offline survives a reload and goes out in order, under the same ids', async () => {
  const before = makeChat();
  before.say('one');
  before.say('two');
  const ids = before.pending().map(({ id }) => id);
  const socket = await connect(makeChat());
  expect(socket.sentOf('message').map(({ id, text }) => [id, text])).toEqual([
    [ids[0], 'one'],
    [ids[1], 'two'],
  ]);
});

test('a message without acknowledgement is sent again, with the same id', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  chat.say('hello');
  await vi.advanceTimersByTimeAsync(RESEND_AFTER_MS);
  const ids = socket.sentOf('message').map(({ id }) => id);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test('an acknowledged message is not sent again after a reconnection', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  chat.say('hello');
  socket.say({ type: 'ack', id: chat.pending()[0]?.id });
  const next = await reconnect(1);
  expect(next.sentOf('message')).toEqual([]);
});

test('a reconnection asks for what was missed and shows each message once', async () => {
  const chat = makeChat();
  const socket = await connect(chat, 2);
  expect(socket.sentOf('resume')).toEqual([{ type: 'resume', after: 0 }]);
  for (const n of [1, 2]) socket.say(message(n));
  socket.say({ type: 'resumed', last: 2 });
  const next = await reconnect(4);
  expect(next.sentOf('resume')).toEqual([{ type: 'resume', after: 2 }]);
  for (const n of [4, 3, 3]) next.say(message(n));
  expect(chat.ledger.list().map(({ n }) => n)).toEqual([1, 2, 3, 4]);
});

test('history that is read again is not news, a message that comes in live is', async () => {
  const chat = makeChat();
  const socket = await connect(chat, 1);
  socket.say(message(1));
  expect(scene.arrived).toEqual([]);
  socket.say({ type: 'resumed', last: 1 });
  socket.say(message(2));
  expect(scene.arrived.map(({ n }) => n)).toEqual([2]);
});

test('of a long history only the newest stretch is read, the rest on demand', async () => {
  const chat = makeChat();
  const socket = await connect(chat, 250);
  expect(socket.sentOf('resume')).toEqual([{ type: 'resume', after: 150 }]);
  for (let n = 151; n <= 250; n += 1) socket.say(message(n));
  expect(chat.hasEarlier).toBe(true);
  chat.showEarlier();
  expect(socket.sentOf('resume').at(-1)).toEqual({ type: 'resume', after: 50 });
});

test('another thread starts with an empty page', async () => {
  const chat = makeChat();
  chat.useThread('a');
  const socket = await connect(chat, 1);
  socket.say(message(1));
  chat.useThread('b');
  expect(chat.ledger.list()).toEqual([]);
});

test('a ledger that is shorter than ours is another ledger', async () => {
  const chat = makeChat();
  const socket = await connect(chat, 3);
  for (const n of [1, 2, 3]) socket.say(message(n));
  const next = await reconnect(1);
  expect(next.sentOf('resume')).toEqual([{ type: 'resume', after: 0 }]);
});

test('a refusal with a time is obeyed, one without is shown and can be tried again or taken back', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  chat.say('slow down');
  const id = chat.pending()[0]?.id ?? '';
  socket.say({ type: 'refused', id, code: 'too_many_requests', retry_after: 30 });
  expect(chat.pending()[0]?.state).toBe('held_back');
  await vi.advanceTimersByTimeAsync(29_000);
  expect(socket.sentOf('message')).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(socket.sentOf('message')).toHaveLength(2);
  socket.say({ type: 'refused', id, code: 'invalid' });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(chat.pending()[0]?.state).toBe('refused');
  expect(socket.sentOf('message')).toHaveLength(2);
  chat.sayAgain(id);
  expect(socket.sentOf('message')).toHaveLength(3);
  chat.takeBack(id);
  expect(chat.pending()).toEqual([]);
  expect(scene.keep.length).toBe(0);
});

test('two tabs share one queue without overwriting each other', () => {
  const one = new Outbox(scene.keep, SALON);
  const other = new Outbox(scene.keep, SALON);
  one.add('from one');
  other.add('from the other');
  expect(new Outbox(scene.keep, SALON).list()).toHaveLength(2);
  expect(new Outbox(scene.keep, { slug: 'casa', user: null }).list()).toEqual([]);
  expect(new Outbox(scene.keep, { slug: 'salon', user: 'anna' }).list()).toEqual([]);
});

test('a typing sign ends with the answer, and by itself when no answer comes', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  socket.say({ type: 'typing', on: true });
  expect(chat.typing).toBe(true);
  socket.say(message(1));
  expect(chat.typing).toBe(false);
  socket.say({ type: 'typing', on: true });
  await vi.advanceTimersByTimeAsync(31_000);
  expect(chat.typing).toBe(false);
});

test('a broken frame is ignored', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  socket.say({ type: 'message', n: 'x', id: 1, text: null });
  socket.dispatchEvent(Object.assign(new Event('message'), { data: '{"type":' }));
  expect(chat.ledger.list()).toEqual([]);
});

test('length is counted in characters', () => {
  expect(lengthOf('héllo 👋')).toBe(7);
});
