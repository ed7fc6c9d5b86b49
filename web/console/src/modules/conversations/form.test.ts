import { expect, test } from 'vitest';
import { answersOf } from './form';

const WORDS = { yes: 'Yes', no: 'No' };
const answers = (written: unknown) =>
  answersOf(typeof written === 'string' ? written : JSON.stringify(written), WORDS).map(({ name, value }) => [
    name,
    value,
  ]);

test('each answer stands beside the name of its field', () => {
  expect(answers({ First_name: 'Ana', guests: 2, breakfast: true, pets: false })).toEqual([
    ['First name', 'Ana'],
    ['guests', '2'],
    ['breakfast', 'Yes'],
    ['pets', 'No'],
  ]);
});

test('several answers to one question are one line, and fields within fields keep both names', () => {
  expect(
    answers({ days: ['Mon', 'Tue'], stay: { from: 'Friday' }, rooms: [{ id: 1, kind: 'double' }] }),
  ).toEqual([
    ['days', 'Mon, Tue'],
    ['stay · from', 'Friday'],
    ['rooms', '1 double'],
  ]);
});

test('what is no answer is left out', () => {
  expect(answers({ flow_token: 'unused', note: '', other: null, name: 'Ana' })).toEqual([['name', 'Ana']]);
});

test('what was cut, or is no object, is shown as it came', () => {
  expect(answers('{"name":"An')).toEqual([[null, '{"name":"An']]);
  expect(answers('')).toEqual([]);
});
