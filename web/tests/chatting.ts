import { vi } from 'vitest';
import { Chat } from '../widget/src/frame/chat';
import { MemoryKeep } from '../widget/src/frame/keep';
import { Outbox, type Outgoing } from '../widget/src/frame/outbox';
import type { Message } from '../widget/src/frame/protocol';
import { MemoryShelf } from '../widget/src/frame/shelf';
import type { Outcome, Post } from '../widget/src/frame/uploads';
import type { Frame } from '../wire/wire';
import { FakeSocket, openFake } from './fake-socket';

export const SALON = { slug: 'salon', user: null };
export const HOUR_MS = 3_600_000;

/** Keeps files over a reload, as a browser's database does. */
export class LastingShelf extends MemoryShelf {
  override async put(key: string, file: Blob): Promise<boolean> {
    await super.put(key, file);
    return true;
  }
}

/** One browser of one visitor, and what the server has of it. `answers` to posts: the last of them stays. */
export const scene = {
  keep: new MemoryKeep(),
  shelf: new MemoryShelf(),
  arrived: [] as Message[],
  posted: [] as { id: string; text: string; file: Blob; token: string }[],
  answers: [] as (Outcome | Error)[],
};

/** A browser nobody has used yet. */
export function begin(): void {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  Object.assign(scene, {
    keep: new MemoryKeep(),
    shelf: new LastingShelf(),
    arrived: [],
    posted: [],
    answers: [],
  });
}

async function post(item: Outgoing, file: Blob, token: string): Promise<Outcome> {
  scene.posted.push({ id: item.id, text: item.text, file, token });
  const answer = (scene.answers.length > 1 ? scene.answers.shift() : scene.answers[0]) ?? { kind: 'sent' };
  if (answer instanceof Error) throw answer;
  return answer;
}

/** The page, loaded: what the browser keeps is there again. */
export function makeChat(send: Post = post): Chat {
  return new Chat(
    new Outbox(scene.keep, SALON),
    { changed: () => {}, arrived: (one) => scene.arrived.push(one) },
    { open: openFake, credential: async () => 'token', random: () => 0 },
    scene.shelf,
    send,
  );
}

export async function connect(chat: Chat, last = 0): Promise<FakeSocket> {
  chat.wire.wake();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.latest.accept();
  FakeSocket.latest.say({ type: 'ready', last, held: false });
  return FakeSocket.latest;
}

export async function reconnect(last: number): Promise<FakeSocket> {
  FakeSocket.latest.end(1006);
  await vi.advanceTimersByTimeAsync(1_500);
  FakeSocket.latest.accept();
  FakeSocket.latest.say({ type: 'ready', last, held: false });
  return FakeSocket.latest;
}

export function message(n: number, extra: Partial<Message> = {}): Frame {
  return {
    type: 'message',
    n,
    id: `id-${n}`,
    author: 'assistant',
    text: `text ${n}`,
    sources: [],
    at: '2026-11-21T10:00:00Z',
    ...extra,
  };
}
