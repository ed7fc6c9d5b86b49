import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../languages/languages';
import { fill, variablesOf } from '../languages/texts';

type Texts = Record<string, string>;

const TEXTS = import.meta.glob<Texts>('../{widget,demo,console}/src/texts/*.json', {
  import: 'default',
  eager: true,
});
const SOURCES = import.meta.glob<string>(
  ['../{widget,demo,console}/src/**/*.{ts,tsx}', '!../**/*.test.ts', '!../**/*.d.ts'],
  { query: '?raw', import: 'default', eager: true },
);

function texts(page: string, language: string): Texts {
  return TEXTS[`../${page}/src/texts/${language}.json`] ?? {};
}

function sourceOf(page: string): string {
  const files = Object.entries(SOURCES).filter(([path]) => path.startsWith(`../${page}/`));
  return files.map(([, source]) => source).join('\n');
}

describe.each(['widget', 'demo', 'console'])('the texts of the %s', (page) => {
  const english = texts(page, 'en');

  test.each(LANGUAGES)('are complete in %s, with the same variables', (language) => {
    const own = texts(page, language);
    expect(Object.keys(own)).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(own)) {
      expect(text.trim(), key).not.toBe('');
      expect(variablesOf(text), key).toEqual(variablesOf(english[key] ?? ''));
    }
  });

  test.each(LANGUAGES.filter((language) => language !== 'en'))(
    'are translated in %s, not copied',
    (language) => {
      const own = texts(page, language);
      const sentences = Object.keys(english).filter((key) => (english[key] ?? '').split(' ').length > 3);
      expect(sentences.filter((key) => own[key] === english[key])).toEqual([]);
    },
  );

  test('are all used', () => {
    const source = sourceOf(page);
    const isUsed = (key: string) => new RegExp(`['"]${key}['"]|\\b${key} as\\b`).test(source);
    expect(Object.keys(english).filter((key) => !isUsed(key))).toEqual([]);
  });
});

test('a Latin name in an Arabic sentence is isolated, a number stays as it is', () => {
  expect(fill('محادثة مع {name}', { name: 'Salon Éclat' })).toBe('محادثة مع \u2068Salon Éclat\u2069');
  expect(fill('{count} / {limit}', { count: 5 })).toBe('5 / {limit}');
});

test('no page turns text into markup', () => {
  const dangerous = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|\beval\(/;
  const found = Object.entries(SOURCES).filter(([, source]) => dangerous.test(source));
  expect(Object.keys(SOURCES).length).toBeGreaterThan(40);
  expect(found.map(([path]) => path)).toEqual([]);
});
