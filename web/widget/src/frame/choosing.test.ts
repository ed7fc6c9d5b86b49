import { expect, test } from 'vitest';
import { accepted, objection } from './choosing';

const MEGABYTE = 1_048_576;
const TAKEN = [
  { kind: 'image', most_bytes: 5 * MEGABYTE, types: ['image/png'], endings: ['.png'] },
  { kind: 'audio', most_bytes: MEGABYTE, types: ['audio/mp4'], endings: ['.m4a', '.mp4'] },
  { kind: 'video', most_bytes: 10 * MEGABYTE, types: ['video/mp4'], endings: ['.mp4'] },
];

function file(name: string, type: string, size = 1): File {
  return new File([new Uint8Array(size)], name, { type });
}

test.each([
  ['photo.png', 'image/png', 1, null],
  ['PHOTO.PNG', '', 1, null],
  ['clipboard', 'image/png', 1, null],
  ['film.mp4', 'video/mp4', 10 * MEGABYTE, null],
  ['photo.png', 'image/png', 0, { code: 'empty_file' }],
  ['photo.png', 'image/png', 5 * MEGABYTE + 1, { code: 'file_too_large', limit: 5 * MEGABYTE }],
  ['film.mp4', 'video/mp4', 10 * MEGABYTE + 1, { code: 'file_too_large', limit: 10 * MEGABYTE }],
  ['page.html', 'text/html', 1, { code: 'type_refused' }],
  ['logo.svg', 'image/svg+xml', 1, { code: 'type_refused' }],
  ['photo.png.exe', 'image/png', 1, { code: 'type_refused' }],
  ['noname', '', 1, { code: 'type_refused' }],
])('%s of type "%s" and %i bytes: %j', (name, type, size, said) => {
  expect(objection(file(name, type, size), TAKEN)).toEqual(said);
});

test('before the server has said what it takes it is left to the server', () => {
  expect(objection(file('page.html', 'text/html'), [])).toBe(null);
});

test('a browser offers types and endings', () => {
  expect(accepted(TAKEN.slice(0, 2))).toBe('image/png,.png,audio/mp4,.m4a,.mp4');
});
