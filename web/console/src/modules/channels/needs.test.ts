import { describe, expect, test } from 'vitest';
import { Problem, readProblem } from '../../api/problem';
import { whereFound } from './names';
import { givenOf, labelOf, needsIn, refusalOf, waysOf, wordsOf, type Need } from './needs';

const need = (name: string, required = true, way: string | null = null): Need => ({
  name,
  says: 'In English',
  secret: true,
  required,
  way,
});

function filled(values: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  return form;
}

describe('what a channel needs', () => {
  test('is sent without the blanks that came along when it was copied', () => {
    const given = givenOf([need('bot_token')], filled({ bot_token: ' 7:AA\n' }));
    expect(given).toEqual({ credentials: { bot_token: '7:AA' }, missing: [] });
  });

  test('is named when it is missing, unless it is optional', () => {
    const needs = [need('app_secret'), need('access_token'), need('verify_token', false)];
    const given = givenOf(needs, filled({ app_secret: 's', access_token: '  ', verify_token: '' }));
    expect(given).toEqual({ credentials: { app_secret: 's' }, missing: ['access_token'] });
  });

  test('and nobody asked for is not sent', () => {
    expect(givenOf([need('user', false)], filled({ user: 'u', other: 'x' })).credentials).toEqual({
      user: 'u',
    });
  });

  test('has words of its own, and the API’s when a newer Lumi needs something else', () => {
    expect(labelOf(need('bot_token'))).toBe('need_bot_token');
    expect(labelOf(need('moon_phase'))).toBeNull();
    expect(whereFound('carrier_pigeon')).toBeNull();
  });
});

describe('of several ways to let Lumi in', () => {
  const needs = [need('address'), need('password', true, 'password'), need('refresh_token', true, 'oauth')];

  test('one is chosen, and only what that takes is asked for', () => {
    expect(waysOf(needs)).toEqual(['password', 'oauth']);
    expect(needsIn(needs, 'oauth').map(({ name }) => name)).toEqual(['address', 'refresh_token']);
    expect(givenOf(needsIn(needs, 'password'), filled({ address: 'a' })).missing).toEqual(['password']);
  });

  test('there is none to choose where there is one', () => {
    expect(waysOf([need('bot_token')])).toEqual([]);
    expect(needsIn([need('bot_token')], undefined)).toHaveLength(1);
  });

  test('each has words, but for what a newer Lumi knows', () => {
    expect(wordsOf('oauth')).toEqual({ called: 'way_oauth', found: 'where_oauth' });
    expect(wordsOf('handshake')).toBeNull();
  });
});

describe('why an account was not connected', () => {
  test.each([
    ['provider_refused', 'connect_refused', 'code 190'],
    ['dependency_unavailable', 'connect_unanswered', 'code 190'],
    ['account_taken', 'connect_taken', ''],
    ['bad_identifier', 'connect_wrong_id', ''],
  ])('%s is told in words, beside the provider’s own where it spoke', (code, key, said) => {
    const problem = readProblem(409, { code, detail: 'code 190' }, null);
    expect(refusalOf(problem)).toEqual({ key, said });
  });

  test('is told as everywhere else when it is nothing of the provider', () => {
    expect(refusalOf(new Problem(403, 'forbidden'))).toBeNull();
    expect(refusalOf(new TypeError('x'))).toBeNull();
  });
});
