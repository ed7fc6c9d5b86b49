import { expect, test } from 'vitest';
import { draftOf, edited, flawsOf, NO_EDITS, settingsOf } from './rules';

const draft = draftOf({
  quiet_from: '21:00:00',
  quiet_until: '08:30:00',
  proactive_per_day: 3,
  proactive_per_week: 10,
  proactive_needs_consent: false,
});

test('the settings stand in the fields as they are typed', () => {
  expect(draft).toMatchObject({ quiet_from: '21:00', quiet_until: '08:30', proactive_per_day: '3' });
  expect(flawsOf(draft)).toEqual({});
});

test('a time that is missing and a cap that is no number up to its limit are named', () => {
  expect(Object.keys(flawsOf({ ...draft, quiet_until: '' }))).toEqual(['quiet_until']);
  for (const cap of ['', '101', '-1', '2.5', '1e1']) {
    expect(flawsOf({ ...draft, proactive_per_day: cap })).toEqual({
      proactive_per_day: { key: 'cap_range', variables: { most: 100 } },
    });
  }
  expect(flawsOf({ ...draft, proactive_per_day: '0', proactive_per_week: '500' })).toEqual({});
});

test('the same time twice is a choice: never', () => {
  expect(flawsOf({ ...draft, quiet_until: draft.quiet_from })).toEqual({});
});

test('changes are said of the version that the first of them was made on', () => {
  const first = edited(NO_EDITS, 4, { quiet_from: '22:00' });
  expect(edited(first, 5, { proactive_per_day: '2' })).toEqual({
    version: 4,
    changed: { quiet_from: '22:00', proactive_per_day: '2' },
  });
});

test('only what was changed is asked for', () => {
  expect(settingsOf({ proactive_per_week: '0' })).toEqual({ proactive_per_week: 0 });
  expect(settingsOf({ quiet_from: '22:00', proactive_needs_consent: true })).toEqual({
    quiet_from: '22:00',
    proactive_needs_consent: true,
  });
});
