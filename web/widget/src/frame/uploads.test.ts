import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { begin, connect, HOUR_MS, makeChat, message, reconnect, scene } from '../../../tests/chatting';
import { MemoryShelf } from './shelf';
import { MOST_FAILURES, type Outcome } from './uploads';

beforeEach(begin);
afterEach(() => vi.useRealTimers());

const PHOTO = new File(['pixels'], 'photo.png', { type: 'image/png' });
const PRICES = new File(['30'], 'prices.txt', { type: 'text/plain' });

test('a file is posted with its words and gone from here when the message that has it is', async () => {
  const chat = makeChat();
  const socket = await connect(chat);
  await chat.sayWith('look', [PHOTO]);
  await vi.advanceTimersByTimeAsync(0);
  const [item] = chat.pending();
  expect(scene.posted).toMatchObject([{ id: item?.id, text: 'look', file: PHOTO, token: 'token' }]);
  expect(socket.sentOf('message')).toEqual([]);
  expect(item?.state).toBe('stored');
  expect(socket.sentOf('resume')).toHaveLength(2);
  expect(scene.keep.length).toBe(0);
  expect(await scene.shelf.get(chat.outbox.keyOf(item?.id ?? ''))).toBe(null);
  socket.say(message(1, { author: 'contact', client_id: item?.id ?? '', text: 'look' }));
  expect(chat.pending()).toEqual([]);
});

test('of several files each is a message of its own, the first has the words', async () => {
  const chat = makeChat();
  await connect(chat);
  await chat.sayWith('both', [PHOTO, PRICES]);
  await vi.advanceTimersByTimeAsync(0);
  expect(scene.posted.map(({ text, file }) => [text, file])).toEqual([
    ['both', PHOTO],
    ['', PRICES],
  ]);
});

test('a file chosen offline survives a reload and goes out once the line is up, under the same id', async () => {
  const before = makeChat();
  await before.sayWith('later', [PHOTO]);
  expect(scene.posted).toEqual([]);
  const [item] = before.pending();
  const chat = makeChat();
  await connect(chat);
  await vi.advanceTimersByTimeAsync(0);
  expect(scene.posted).toMatchObject([{ id: item?.id, text: 'later', file: PHOTO }]);
});

test('where a browser keeps no files it is said that one waits only as long as the page', async () => {
  scene.shelf = new MemoryShelf();
  const chat = makeChat();
  await chat.sayWith('', [PHOTO]);
  expect(chat.pending()[0]).toMatchObject({ state: 'queued', fleeting: true });
});

test('a file that is not here any more after a reload is said to be lost and is never sent', async () => {
  await makeChat().sayWith('gone', [PHOTO]);
  scene.shelf = new MemoryShelf();
  const chat = makeChat();
  await connect(chat);
  await vi.advanceTimersByTimeAsync(0);
  expect(chat.pending()[0]?.state).toBe('lost');
  expect(scene.posted).toEqual([]);
});

test('a refusal is kept with its reason and not tried again', async () => {
  scene.answers = [{ kind: 'refused', code: 'file_too_large', limit: 10 }];
  const chat = makeChat();
  await connect(chat);
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(scene.posted).toHaveLength(1);
  expect(chat.pending()[0]).toMatchObject({ state: 'refused', why: 'file_too_large', limit: 10 });
  expect(makeChat().pending()[0]).toMatchObject({ state: 'refused', why: 'file_too_large', limit: 10 });
  chat.takeBack(chat.pending()[0]?.id ?? '');
  expect(scene.keep.length).toBe(0);
});

test('a pause the server asks for is obeyed, and a token it does not know is replaced once', async () => {
  scene.answers = [{ kind: 'later', seconds: 30 }, { kind: 'stranger' }, { kind: 'sent' }];
  const chat = makeChat();
  await connect(chat);
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(scene.posted).toHaveLength(1);
  expect(chat.pending()[0]?.state).toBe('held_back');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(scene.posted).toHaveLength(3);
  expect(chat.pending()[0]?.state).toBe('stored');
});

test('what breaks off is tried again under its id, and in the end the visitor is asked', async () => {
  scene.answers = [new TypeError('the line was cut')];
  const chat = makeChat();
  await connect(chat);
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(scene.posted).toHaveLength(MOST_FAILURES);
  expect(new Set(scene.posted.map(({ id }) => id)).size).toBe(1);
  expect(chat.pending()[0]).toMatchObject({ state: 'refused', why: 'unreachable' });
  scene.answers = [{ kind: 'sent' }];
  chat.sayAgain(chat.pending()[0]?.id ?? '');
  await vi.advanceTimersByTimeAsync(0);
  expect(chat.pending()[0]?.state).toBe('stored');
});

test('while the line is down nothing is tried and nothing counts as a failure', async () => {
  scene.answers = [new TypeError('the line was cut')];
  const chat = makeChat();
  const socket = await connect(chat);
  socket.end(1006);
  chat.wire.close();
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(scene.posted).toEqual([]);
  expect(chat.pending()[0]?.state).toBe('queued');
});

test('one file is never on its way twice at once', async () => {
  let end: (outcome: Outcome) => void = () => {};
  const slow = new Promise<Outcome>((resolve) => (end = resolve));
  let begun = 0;
  const chat = makeChat(() => {
    begun += 1;
    return slow;
  });
  await connect(chat);
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(0);
  await reconnect(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toBe(1);
  end({ kind: 'sent' });
  await vi.advanceTimersByTimeAsync(0);
  expect(chat.pending()[0]?.state).toBe('stored');
});

test('what nobody waits for any more is swept away', async () => {
  await scene.shelf.put('lumi.salon.outbox.old', PHOTO);
  makeChat();
  await vi.advanceTimersByTimeAsync(0);
  expect(await scene.shelf.get('lumi.salon.outbox.old')).toBe(null);
});
