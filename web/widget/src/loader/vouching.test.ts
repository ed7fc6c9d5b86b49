import { expect, test } from 'vitest';
import { userOf } from './vouching';

/** As a server would sign it; here nobody looks at the signature. */
function voucher(claims: object): string {
  const text = String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims)));
  return `e30.${btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}.sig`;
}

test('a voucher says whom it is for, in any script', () => {
  expect(userOf(voucher({ sub: '42' }))).toBe('42');
  expect(userOf(voucher({ sub: 'ليلى?>' }))).toBe('ليلى?>');
});

test('what is no voucher is for nobody', () => {
  for (const words of [null, '', 'x', 'a.b.c', 'e30.e30.e30', voucher({ sub: 7 }), voucher({ sub: '' })]) {
    expect(userOf(words)).toBeNull();
  }
});
