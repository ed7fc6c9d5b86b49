import { expect, test } from 'vitest';
import { Problem } from '../../api/problem';
import { afterFailedLook, afterLook, canGo, type Chosen } from './chosen';
import { pastedFile } from './handed';
import type { OutgoingFile } from './upload';

const file: OutgoingFile = {
  id: 'a',
  name: 'menu.pdf',
  kind: 'document',
  shown_as: 'document',
  mime: 'application/pdf',
  size_bytes: 9,
  state: 'waiting',
  why: null,
  message_id: null,
};
const waiting: Chosen = { kind: 'kept', name: 'menu.pdf', file };
const other: Chosen = { kind: 'kept', name: 'b.pdf', file: { ...file, id: 'b' } };

test('a file that is found to be well can go', () => {
  expect(canGo(waiting)).toBe(false);
  expect(canGo(afterLook(waiting, 'a', { ...file, state: 'ready' }))).toBe(true);
});

test.each([0, 429, 500, 503])('a look that fails with %i is made again', (status) => {
  const next = afterFailedLook(waiting, 'a', new Problem(status, ''));
  expect(next).toEqual(waiting);
  expect(next?.kind === 'kept' && next.file).not.toBe(file); // which has it looked at again
});

test('what is not there any more is told', () => {
  const problem = new Problem(404, 'not_found');
  expect(afterFailedLook(waiting, 'a', problem)).toEqual({ kind: 'refused', name: 'menu.pdf', problem });
});

test.each([other, null])('a look at one file says nothing of %j', (now) => {
  expect(afterLook(now, 'a', { ...file, state: 'ready' })).toBe(now);
  expect(afterFailedLook(now, 'a', new Problem(404, 'not_found'))).toBe(now);
});

test('the picture beside pasted words is left there, a picture alone is taken', () => {
  const picture = new File(['x'], 'image.png');
  const clipboard = (text: string) => ({
    files: [picture] as unknown as FileList,
    getData: (kind: string) => (kind === 'text/plain' ? text : ''),
  });
  expect(pastedFile(clipboard('soin\t40'))).toBeUndefined();
  expect(pastedFile(clipboard(''))).toBe(picture);
});
