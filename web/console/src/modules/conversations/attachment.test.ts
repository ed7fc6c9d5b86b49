import { expect, test } from 'vitest';
import { isRefused, kindText, noteText, placeOf, sizeText, type Attachment } from './attachment';

const note: Attachment = {
  id: '1',
  kind: 'audio',
  is_voice: true,
  name: 'voice.ogg',
  mime: 'audio/ogg',
  size_bytes: 8_000,
  state: 'ready',
  why: null,
  transcript: 'Bonjour',
  language: 'fr',
  file_state: 'clean',
  link: 'https://chat.example.org/files/abc',
};

test('a voice note that was heard says where its words come from', () => {
  expect(kindText(note)).toBe('attachment_voice');
  expect(noteText(note)).toBe('attachment_transcribed');
});

test('a recording that can be played already is being written down, anything else is on its way', () => {
  expect(noteText({ ...note, state: 'waiting', transcript: null })).toBe('attachment_hearing');
  expect(noteText({ ...note, state: 'waiting', transcript: null, link: null })).toBe('attachment_waiting');
  expect(noteText({ ...note, kind: 'image', is_voice: false, state: 'waiting' })).toBe('attachment_waiting');
});

test('what is refused says why, a reason a newer Lumi has too', () => {
  const refused = { ...note, state: 'refused', why: 'malware', link: null, transcript: null };
  expect(isRefused(refused)).toBe(true);
  expect(noteText(refused)).toBe('why_malware');
  expect(noteText({ ...refused, why: 'something_new' })).toBe('why_gone');
});

test('what may not be handed out although it is there was not checked', () => {
  expect(noteText({ ...note, transcript: null, link: null })).toBe('why_unscanned');
});

test('without a scanner a file that is not handed out says so, whatever else is to be said of it', () => {
  const unseen = { ...note, file_state: 'unscanned', link: null };
  expect(noteText(unseen)).toBe('why_no_scanner');
  expect(noteText({ ...unseen, why: 'nobody_hears', transcript: null })).toBe('why_no_scanner');
  expect(noteText({ ...unseen, file_state: 'infected' })).toBe('why_malware');
});

test('what is handed out although nobody has looked at it says so', () => {
  const picture = { ...note, kind: 'image', is_voice: false, transcript: null };
  expect(noteText({ ...picture, file_state: 'unscanned' })).toBe('attachment_unseen');
});

test('a picture that is there needs no words', () => {
  expect(noteText({ ...note, kind: 'image', is_voice: false, transcript: null })).toBeNull();
});

test('a file is fetched from this server by whatever name it was reached', () => {
  expect(placeOf('https://chat.example.org/files/abc')).toBe('/files/abc');
});

test('sizes are said as people say them', () => {
  expect(sizeText(8_000, 'en')).toBe('8 kB');
  expect(sizeText(2_400_000, 'fr')).toBe('2,4\u202fMo');
});
