import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  begin,
  connect,
  HOUR_MS,
  LastingShelf,
  makeChat,
  message,
  reconnect,
  scene,
} from '../../../tests/chatting';
import { MemoryShelf } from './shelf';
import { MOST_FAILURES, postFile, type Outcome, type Post } from './uploads';

beforeEach(begin);
afterEach(() => vi.useRealTimers());

/** Takes its time with what it is given: as long for each as for all before it. */
class SlowShelf extends LastingShelf {
  #put = 0;

  override async put(key: string, file: Blob): Promise<boolean> {
    this.#put += 1;
    await new Promise((resolve) => setTimeout(resolve, 1_000 * this.#put));
    return super.put(key, file);
  }
}

/** A server that answers when it is told to. */
class Slow {
  readonly asked: string[] = [];
  open = 0;
  #answer: (outcome: Outcome) => void = () => {};

  readonly post: Post = (item, _file, _token, signal) => {
    this.asked.push(item.file?.name ?? '');
    this.open += 1;
    return new Promise<Outcome>((resolve, reject) => {
      this.#answer = resolve;
      signal.addEventListener('abort', () => reject(new DOMException('given up', 'AbortError')));
    }).finally(() => (this.open -= 1));
  };

  async answer(outcome: Outcome): Promise<void> {
    this.#answer(outcome);
    await vi.advanceTimersByTimeAsync(0);
  }
}

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
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(chat.pending()[0]?.state).toBe('lost');
  expect(scene.posted).toEqual([]);
});

test('files chosen while the line comes up are sent once each is laid down, and none is lost', async () => {
  const files = Array.from({ length: 5 }, (_, at) => new File([`${at}`], `${at}.png`));
  scene.shelf = new SlowShelf();
  const chat = makeChat();
  void chat.sayWith('', files);
  await connect(chat);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(scene.posted.map(({ file }) => file)).toEqual(files);
  expect(chat.pending().map(({ state }) => state)).toEqual(files.map(() => 'stored'));
});

test('a file that another tab is still laying down is not lost', async () => {
  scene.shelf = new SlowShelf();
  void makeChat().sayWith('', [PHOTO]);
  const other = makeChat();
  await connect(other);
  await vi.advanceTimersByTimeAsync(0);
  expect(other.pending()[0]?.state).toBe('queued');
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(scene.posted).toMatchObject([{ file: PHOTO }]);
});

test('what was written after a file leaves after it, and so does the next file', async () => {
  const server = new Slow();
  const chat = makeChat(server.post);
  const socket = await connect(chat);
  await chat.sayWith('these', [PHOTO, PRICES]);
  chat.say('what do you think?');
  await vi.advanceTimersByTimeAsync(0);
  expect(server.asked).toEqual(['photo.png']);
  expect(socket.sentOf('message')).toEqual([]);
  await server.answer({ kind: 'sent' });
  expect(server.asked).toEqual(['photo.png', 'prices.txt']);
  expect(socket.sentOf('message')).toEqual([]);
  await server.answer({ kind: 'refused', code: 'type_refused' });
  expect(socket.sentOf('message')).toMatchObject([{ text: 'what do you think?' }]);
});

test('a file that has to wait holds up nothing', async () => {
  scene.answers = [{ kind: 'later', seconds: 60 }, { kind: 'sent' }];
  const chat = makeChat();
  const socket = await connect(chat);
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(0);
  chat.say('never mind');
  expect(socket.sentOf('message')).toMatchObject([{ text: 'never mind' }]);
});

test('a try that is on its way when the line breaks is given up, and made again when it is back', async () => {
  const server = new Slow();
  const chat = makeChat(server.post);
  await connect(chat);
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(0);
  await reconnect(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(server.asked).toEqual(['photo.png', 'photo.png']);
  expect(server.open).toBe(1);
});

test('a try that is never answered is given up and made again', async () => {
  const server = new Slow();
  const chat = makeChat(server.post);
  await connect(chat);
  await chat.sayWith('', [PHOTO]);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(server.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(server.asked).toHaveLength(2);
  expect(server.open).toBe(1);
});

test('a shelf that cannot say whether it has a file is asked again', async () => {
  await makeChat().sayWith('', [PHOTO]);
  const get = vi.spyOn(scene.shelf, 'get').mockRejectedValueOnce(new Error('the database went away'));
  const chat = makeChat();
  await connect(chat);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(get).toHaveBeenCalledTimes(2);
  expect(scene.posted).toMatchObject([{ file: PHOTO }]);
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
  const server = new Slow();
  const chat = makeChat(server.post);
  await connect(chat);
  await chat.sayWith('', [PHOTO]);
  chat.say('and');
  chat.say('more');
  await vi.advanceTimersByTimeAsync(0);
  expect(server.asked).toEqual(['photo.png']);
  await server.answer({ kind: 'sent' });
  expect(chat.pending()[0]?.state).toBe('stored');
});

test('what nobody waits for any more is swept away', async () => {
  await scene.shelf.put('lumi.salon.outbox.old', PHOTO);
  makeChat();
  await vi.advanceTimersByTimeAsync(0);
  expect(await scene.shelf.get('lumi.salon.outbox.old')).toBe(null);
});

test.each<[number, object, Outcome]>([
  [201, {}, { kind: 'sent' }],
  [401, { code: 'visitor_unknown' }, { kind: 'stranger' }],
  [413, { code: 'file_too_large', limit_bytes: 7 }, { kind: 'refused', code: 'file_too_large', limit: 7 }],
  [429, {}, { kind: 'later', seconds: 20 }],
  [503, { code: 'dependency_unavailable' }, { kind: 'later', seconds: null }],
  [507, { code: 'no_room' }, { kind: 'refused', code: 'no_room' }],
])('what an answer with %i means', async (status, body, outcome) => {
  const answer = new Response(JSON.stringify(body), { status, headers: { 'Retry-After': '20' } });
  vi.stubGlobal('fetch', async () => answer);
  const item = makeChat().outbox.add('look', { name: 'photo.png', size: 6 });
  expect(await postFile(item, PHOTO, 'token', new AbortController().signal)).toEqual(outcome);
  vi.unstubAllGlobals();
});
