import { expect, test } from 'vitest';
import { brand, contrast } from './colour';
import { pieces, safeUrl } from './prose';

const links = (text: string) =>
  pieces(text)
    .filter(({ kind }) => kind === 'link')
    .map((piece) => piece.text);

test('nothing of a text is lost or changed', () => {
  const text = 'See https://a.example/x, or\nhttps://b.example (https://c.example/d_(e)). <b>';
  expect(
    pieces(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
});

test.each([
  ['Book at https://a.example/rdv.', ['https://a.example/rdv']],
  ['(https://a.example/A_(b)).', ['https://a.example/A_(b)']],
  ['انظر https://a.example/x؟ ', ['https://a.example/x']],
  ['« https://a.example »', ['https://a.example']],
  ['https://a.example/"><script>alert(1)</script>', ['https://a.example/']],
])('%s links %j', (text, expected) => {
  expect(links(text)).toEqual(expected);
});

test.each([
  'http://plain.example',
  'javascript:alert(1)',
  'JAVASCRIPT:https',
  'data:text/html,hello',
  'https://',
  'https://bank.example@evil.example/',
])('%s is not linked', (text) => {
  expect(links(text)).toEqual([]);
});

test('an address that a direction mark would disguise ends at the mark', () => {
  expect(links('https://a.example/\u202egpj.exe')).toEqual(['https://a.example/']);
});

test('a source may point to https, or to Lumi itself', () => {
  expect(safeUrl('https://a.example/x', 'http://lumi.example/chat')).toBe('https://a.example/x');
  expect(safeUrl('/files/1', 'http://lumi.example/chat')).toBe('http://lumi.example/files/1');
  expect(safeUrl('http://other.example/', 'http://lumi.example/chat')).toBeNull();
  expect(safeUrl('javascript:alert(1)', 'http://lumi.example/chat')).toBeNull();
  expect(safeUrl(null)).toBeNull();
});

test.each(['#000000', '#ffffff', '#8a2f5b', '#ffcc00', '#777777', '#e8a33d', '#00ff00'])(
  'the ink on %s can be read',
  (colour) => {
    const colours = brand(colour);
    expect(contrast(colour, colours?.ink ?? colour)).toBeGreaterThanOrEqual(4.5);
  },
);

test('a colour that is none is not used', () => {
  expect(brand('red;background:url(x)')).toBeNull();
  expect(brand('#12345')).toBeNull();
});
