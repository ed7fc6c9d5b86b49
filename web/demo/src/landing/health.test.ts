import { expect, test } from 'vitest';
import { inLanguage } from '../organisations';
import { readHealth } from './health';

test('each dependency is named', () => {
  const body = {
    status: 'ok',
    database: { status: 'ok', milliseconds: 0.4 },
    workers: { status: 'ok', alive: 1 },
  };
  const health = readHealth(body, true);
  expect(health.isGood).toBe(true);
  expect(health.parts).toEqual([
    { name: 'database', works: true },
    { name: 'workers', works: true },
  ]);
});

test('a server that answers without any worker is not good', () => {
  const health = readHealth(
    { status: 'degraded', database: { status: 'ok' }, workers: { status: 'down' } },
    true,
  );
  expect(health.isGood).toBe(false);
  expect(health.parts).toContainEqual({ name: 'workers', works: false });
});

test('a body nobody understands leaves the status to decide', () => {
  expect(readHealth(null, true)).toEqual({ isGood: true, parts: [] });
  expect(readHealth('ok', false).isGood).toBe(false);
});

test('a text in another language says which one it is', () => {
  expect(inLanguage({ fr: 'a', en: 'b' }, 'fr')).toEqual({ value: 'a', lang: 'fr' });
  expect(inLanguage({ fr: 'a', en: 'b' }, 'ru')).toEqual({ value: 'b', lang: 'en' });
  expect(inLanguage({ ar: 'c' }, 'ru')).toEqual({ value: 'c', lang: 'ar' });
  expect(inLanguage({}, 'ru')).toBeNull();
});
