import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Refused, TryLater } from '../../../wire/wire';
import { MemoryKeep } from './keep';
import { keyOf, Sessions } from './sessions';

const TENANT = {
  slug: 'salon',
  name: 'Salon',
  locale: 'fr',
  languages: ['fr'],
  colour: '#112233',
  suggestions: {},
};
let keep = new MemoryKeep();
let answers: Response[] = [];
let asked: unknown[] = [];

function granted(token: string, expires_in = 600): Response {
  return Response.json({ token, expires_in, tenant: TENANT, thread: null });
}

function sessions(): Sessions {
  return new Sessions({ slug: 'salon', user: null }, keep, () => {});
}

beforeEach(() => {
  keep = new MemoryKeep();
  answers = [];
  asked = [];
  vi.stubGlobal('fetch', async (_url: string, { body }: { body: string }) => {
    asked.push(JSON.parse(body));
    return answers.shift() ?? Response.error();
  });
});
afterEach(() => vi.unstubAllGlobals());

test('a new visitor gets a token, which is used again while it lasts', async () => {
  answers = [granted('a')];
  const visitor = sessions();
  expect(await visitor.token(null)).toBe('a');
  expect(await visitor.token(null)).toBe('a');
  expect(asked).toEqual([{}]);
});

test('a returning visitor stays the same person', async () => {
  answers = [granted('a'), granted('b')];
  await sessions().token(null);
  expect(await sessions().token(null)).toBe('b');
  expect(asked).toEqual([{}, { token: 'a' }]);
  expect(sessions().rememberedTenant()?.name).toBe('Salon');
});

test('a refused token is renewed', async () => {
  answers = [granted('a'), granted('b')];
  const visitor = sessions();
  expect(await visitor.token(await visitor.token(null))).toBe('b');
  expect(asked.at(-1)).toEqual({ token: 'a' });
});

test('a token nobody knows any more starts a new visitor', async () => {
  keep.setItem('lumi.salon.session', JSON.stringify({ token: 'old' }));
  answers = [new Response(null, { status: 401 }), granted('new')];
  expect(await sessions().token(null)).toBe('new');
  expect(asked).toEqual([{ token: 'old' }, {}]);
});

test('an unknown organisation and a refused origin end it, with the reason', async () => {
  answers = [new Response(null, { status: 404 }), new Response(null, { status: 403 })];
  await expect(sessions().token(null)).rejects.toEqual(new Refused('unknown_organisation'));
  await expect(sessions().token(null)).rejects.toEqual(new Refused('origin_refused'));
});

test('too many requests wait as long as the server says, an error of the server is tried again', async () => {
  answers = [
    new Response(null, { status: 429, headers: { 'Retry-After': '7' } }),
    new Response(null, { status: 502 }),
  ];
  await expect(sessions().token(null)).rejects.toEqual(new TryLater(7));
  const failure: unknown = await sessions()
    .token(null)
    .catch((problem: unknown) => problem);
  expect(failure).toBeInstanceOf(Error);
  expect(failure).not.toBeInstanceOf(Refused);
});

test('somebody the page vouches for is known by that alone, and leaves no token in this browser', async () => {
  answers = [granted('a'), granted('b'), new Response(null, { status: 401 })];
  keep.setItem('lumi.salon.session', JSON.stringify({ token: 'anonymous' }));
  let signed = 0;
  const place = { slug: 'salon', user: 'anna' };
  const anna = new Sessions(
    place,
    keep,
    () => {},
    async () => `voucher ${++signed}`,
  );
  expect(await anna.token(null)).toBe('a');
  expect(await anna.token('a')).toBe('b');
  expect(asked).toEqual([{ identity: 'voucher 1' }, { identity: 'voucher 2' }]);
  expect(keep.getItem(keyOf(place, 'session'))).not.toContain('"b"');
  await expect(anna.token('b')).rejects.toEqual(new Refused('identity_refused'));
});

test('a page that does not answer is asked again later', async () => {
  const silent = new Sessions({ slug: 'salon', user: 'anna' }, keep, () => {});
  const failure: unknown = await silent.token(null).catch((problem: unknown) => problem);
  expect(failure).toBeInstanceOf(Error);
  expect(failure).not.toBeInstanceOf(Refused);
});
