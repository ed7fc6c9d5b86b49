import { beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../../api/problem';
import { Session, type Granted } from './session';

let count = 0;
const api = {
  signIn: vi.fn<() => Promise<Granted>>(),
  refresh: vi.fn<() => Promise<Granted>>(),
  signOut: vi.fn(),
};

function granted(expires_in = 600): Granted {
  count += 1;
  return {
    access_token: `token-${count}`,
    token_type: 'Bearer',
    expires_in,
    tenant: { id: 't', slug: 'salon', name: 'Salon' },
    identity: { id: 'i', email: 'a@b.example', name: 'A' },
    permissions: [],
  };
}

beforeEach(() => {
  count = 0;
  vi.resetAllMocks();
  api.signIn.mockImplementation(async () => granted());
  api.refresh.mockImplementation(async () => granted());
});

test('an earlier visit is resumed by its cookie', async () => {
  const session = new Session(api);
  await session.resume();
  expect(session.state.kind).toBe('in');
});

test('without a cookie one is simply signed out, not told that a session ended', async () => {
  api.refresh.mockRejectedValue(new Problem(401, 'session_ended'));
  const session = new Session(api);
  await session.resume();
  expect(session.state).toEqual({ kind: 'out', hasEnded: false });
});

test('a server that does not answer signs nobody out', async () => {
  const session = new Session(api);
  await session.signIn('a@b.example', 'secret');
  api.refresh.mockRejectedValue(new Problem(503, 'dependency_unavailable'));
  await expect(session.renew('token-1')).rejects.toMatchObject({ status: 503 });
  expect(session.state.kind).toBe('in');
  const other = new Session(api);
  await other.resume();
  expect(other.state.kind).toBe('unreachable');
});

test('many calls that find the token stale refresh it once', async () => {
  const session = new Session(api);
  await session.signIn('a@b.example', 'secret');
  const tokens = await Promise.all([
    session.renew('token-1'),
    session.renew('token-1'),
    session.renew('token-1'),
  ]);
  expect(tokens).toEqual(['token-2', 'token-2', 'token-2']);
  expect(api.refresh).toHaveBeenCalledTimes(1);
  expect(await session.renew('token-1')).toBe('token-2');
  expect(api.refresh).toHaveBeenCalledTimes(1);
});

test('a token is renewed before it ends', async () => {
  api.signIn.mockImplementation(async () => granted(10));
  const session = new Session(api);
  await session.signIn('a@b.example', 'secret');
  expect(await session.token()).toBe('token-2');
  expect(await session.token()).toBe('token-2');
});

test('a refused refresh ends the session and says so', async () => {
  const session = new Session(api);
  await session.signIn('a@b.example', 'secret');
  api.refresh.mockRejectedValue(new Problem(401, 'session_ended'));
  expect(await session.renew('token-1')).toBeNull();
  expect(session.state).toEqual({ kind: 'out', hasEnded: true });
  expect(await session.token()).toBeNull();
});

test('signing out tells the server with the token and forgets it', async () => {
  const session = new Session(api);
  await session.signIn('a@b.example', 'secret', 'salon');
  expect(api.signIn).toHaveBeenCalledWith({
    email: 'a@b.example',
    password: 'secret',
    keep: 'cookie',
    tenant: 'salon',
  });
  await session.signOut();
  expect(api.signOut).toHaveBeenCalledWith('token-1');
  expect(await session.token()).toBeNull();
});
