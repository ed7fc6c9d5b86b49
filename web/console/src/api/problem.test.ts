import { expect, test } from 'vitest';
import { Problem, readProblem, sentenceFor, unwrap } from './problem';

test.each([
  [401, 'wrong_credentials', 'error_wrong_credentials'],
  [401, 'unauthenticated', 'session_ended'],
  [403, 'forbidden', 'error_forbidden'],
  [404, 'not_found', 'error_not_found'],
  [409, 'held_by_another', 'error_held_by_another'],
  [409, 'not_held', 'error_not_held'],
  [409, 'letter_closed', 'error_letter_closed'],
  [409, 'cannot_requeue', 'error_cannot_requeue'],
  [409, 'version_conflict', 'error_version_conflict'],
  [409, 'template_unfit', 'error_template_unfit'],
  [409, 'no_scanner', 'error_no_scanner'],
  [409, 'not_fetchable', 'error_not_fetchable'],
  [409, 'anything_else', 'error_conflict'],
  [413, 'too_large', 'error_too_large'],
  [422, 'invalid', 'error_invalid'],
  [503, 'dependency_unavailable', 'error_unavailable'],
  [502, '', 'error_unavailable'],
  [500, '', 'error_unexpected'],
  [0, 'unreachable', 'error_unreachable'],
])('%i %s is told as %s', (status, code, key) => {
  expect(sentenceFor(new Problem(status, code)).key).toBe(key);
});

test('too many tries say how long to wait', () => {
  const told = sentenceFor(readProblem(429, { code: 'too_many_requests' }, '12'));
  expect(told).toEqual({ key: 'error_too_many', variables: { seconds: 12 } });
});

test('something that is no refusal of the API still has a sentence', () => {
  expect(sentenceFor(new TypeError('x')).key).toBe('error_unexpected');
});

test.each([
  { code: 'tenant_required', tenants: [{ slug: 'a', name: 'A' }, { slug: 1 }] },
  { code: 'tenant_required', extra: { tenants: [{ slug: 'a', name: 'A' }] } },
])('the organisations to choose from are read from %j', (body) => {
  expect(readProblem(409, body, null).tenants).toEqual([{ slug: 'a', name: 'A' }]);
});

test.each([null, '<html>', [], 7])('the body %j still becomes a problem of its status', (body) => {
  expect(readProblem(502, body, null)).toMatchObject({ status: 502, code: '' });
});

test('an answer is unwrapped, a refusal thrown, a dead line told apart', async () => {
  const good = Promise.resolve({ data: { a: 1 }, response: Response.json({}) });
  expect(await unwrap(good)).toEqual({ a: 1 });
  const bad = Promise.resolve({
    error: { code: 'forbidden' },
    response: new Response(null, { status: 403 }),
  });
  await expect(unwrap(bad)).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  await expect(unwrap(Promise.reject(new TypeError('Failed to fetch')))).rejects.toMatchObject({ status: 0 });
});
