import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeSocket, openFake } from '../tests/fake-socket';
import { pauseBefore } from './backoff';
import { newUuid } from './uuid';
import { PING_EVERY_MS, PONG_WITHIN_MS, Refused, TryLater, Wire, type WireState } from './wire';

let states: [WireState, string | undefined][] = [];
let credential = vi.fn<(refused: string | null) => Promise<string>>();

function makeWire(): Wire {
  return new Wire({
    open: openFake,
    credential,
    onReady: () => {},
    onFrame: () => {},
    onState: (state, why) => states.push([state, why]),
    random: () => 0.5,
  });
}

async function connected(): Promise<Wire> {
  const wire = makeWire();
  wire.wake();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.latest.accept();
  FakeSocket.latest.say({ type: 'ready' });
  return wire;
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  FakeSocket.answersPings = false;
  states = [];
  credential = vi.fn(async (refused) => (refused ? `after-${refused}` : 'first'));
});
afterEach(() => vi.useRealTimers());

describe('the pause before the next try', () => {
  test.each([1, 2, 5, 20, 1000])('is between 1 and 30 seconds at try %i', (attempt) => {
    expect(pauseBefore(attempt, () => 0)).toBe(1_000);
    expect(pauseBefore(attempt, () => 1)).toBeLessThanOrEqual(30_000);
  });

  test('grows, and is drawn from its whole range', () => {
    expect(pauseBefore(3, () => 1)).toBeGreaterThan(pauseBefore(1, () => 1));
    expect(pauseBefore(5, () => 0.5)).toBe(15_500);
  });
});

test('the token travels in the first frame', async () => {
  await connected();
  expect(FakeSocket.latest.sent[0]).toEqual({ type: 'auth', token: 'first' });
});

test('nothing is sent before the server is ready', async () => {
  const wire = makeWire();
  wire.wake();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.latest.accept();
  expect(wire.send({ type: 'message' })).toBe(false);
  FakeSocket.latest.say({ type: 'ready' });
  expect(wire.send({ type: 'message' })).toBe(true);
});

test('a lost connection is tried again after a pause', async () => {
  await connected();
  FakeSocket.latest.end(1006);
  await vi.advanceTimersByTimeAsync(900);
  expect(FakeSocket.opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.opened).toHaveLength(2);
});

test('waking cuts the pause short, and does nothing to a connection that stands', async () => {
  const wire = await connected();
  wire.wake();
  expect(FakeSocket.opened).toHaveLength(1);
  FakeSocket.latest.end(1006);
  wire.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(FakeSocket.opened).toHaveLength(2);
});

test('code 4001 fetches a new token at once', async () => {
  await connected();
  FakeSocket.latest.end(4001);
  await vi.advanceTimersByTimeAsync(0);
  expect(credential).toHaveBeenLastCalledWith('first');
  FakeSocket.latest.accept();
  expect(FakeSocket.latest.sent[0]).toEqual({ type: 'auth', token: 'after-first' });
});

test('tokens refused again and again are not fetched in a tight loop', async () => {
  await connected();
  for (let round = 0; round < 50; round += 1) {
    FakeSocket.latest.end(4001);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(FakeSocket.opened.length).toBeLessThan(6);
});

test('code 1008 stops for good', async () => {
  const wire = await connected();
  FakeSocket.latest.end(1008);
  wire.wake();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(FakeSocket.opened).toHaveLength(1);
  expect(states.at(-1)).toEqual(['stopped', 'policy']);
});

test('a refused session stops with its reason', async () => {
  credential.mockRejectedValue(new Refused('unknown_organisation'));
  makeWire().wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(states.at(-1)).toEqual(['stopped', 'unknown_organisation']);
});

test('the server may say how long to wait', async () => {
  credential.mockRejectedValueOnce(new TryLater(20));
  makeWire().wake();
  await vi.advanceTimersByTimeAsync(19_000);
  expect(credential).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(credential).toHaveBeenCalledTimes(2);
});

test('it pings every 25 seconds and gives up a connection that does not answer', async () => {
  await connected();
  const socket = FakeSocket.latest;
  await vi.advanceTimersByTimeAsync(PING_EVERY_MS);
  expect(socket.sentOf('ping')).toHaveLength(1);
  socket.say({ type: 'pong' });
  await vi.advanceTimersByTimeAsync(PING_EVERY_MS);
  expect(socket.sentOf('ping')).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(PONG_WITHIN_MS);
  expect(socket.isClosed).toBe(true);
  expect(states.at(-1)?.[0]).toBe('waiting');
});

test('a server that never gets ready is given up', async () => {
  makeWire().wake();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.latest.accept();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states.at(-1)?.[0]).toBe('waiting');
});

test('what an abandoned socket still says is ignored', async () => {
  await connected();
  const old = FakeSocket.latest;
  old.end(1006);
  await vi.advanceTimersByTimeAsync(2_000);
  const before = states.length;
  old.say({ type: 'ready' });
  old.end(1008);
  expect(states).toHaveLength(before);
});

test('an identifier is a version 4 UUID', () => {
  expect(newUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
