import { describe, expect, it } from 'vitest';
import { linesOf, type Content } from './content';

const NOTHING: Content = {
  place: null,
  cards: [],
  order: [],
  form: null,
  reaction: null,
  button: null,
  story: null,
  referral: null,
  links: [],
  files: [],
};
const tr = (key: string, values: object = {}) => `${key} ${Object.values(values).join(' ')}`.trim();
const lines = (content: Partial<Content>) => linesOf({ ...NOTHING, ...content }, tr as never, 'en');

describe('what a message holds besides words', () => {
  it('leads to the place on a map', () => {
    const [line] = lines({ place: { latitude: 48.85, longitude: 2.35, name: 'Chez nous', address: null } });
    expect(line?.text).toBe('content_place Chez nous (48.85, 2.35)');
    expect(line?.href).toContain('mlat=48.85&mlon=2.35');
  });

  it('names everything of a card', () => {
    const card = { name: 'Ana', phones: ['+346'], emails: ['ana@example.org'] };
    expect(lines({ cards: [card] })[0]?.text).toBe('content_card Ana · +346 · ana@example.org');
  });

  it('shows a price, also in a currency that is none', () => {
    const line = { product: 'tea', quantity: 2, price: 3, currency: 'EUR' };
    expect(lines({ order: [line] })[0]?.text).toBe('content_order 2 tea · €3.00');
    expect(lines({ order: [{ ...line, currency: 'points' }] })[0]?.text).toBe(
      'content_order 2 tea · 3 points',
    );
  });

  it('says to what somebody reacted, and that it was taken back', () => {
    expect(lines({ reaction: { emoji: '👍', to: 'See you' } })[0]?.text).toBe(
      'content_reaction_to 👍 See you',
    );
    expect(lines({ reaction: { emoji: null, to: null } })[0]?.text).toBe('content_reaction_back');
  });

  it('calls what left elsewhere by our words, also what nobody has a word for', () => {
    expect(lines({ files: ['ig_reel', 'fallback', 'hologram', 'image'] }).map((line) => line.text)).toEqual([
      'content_elsewhere kind_reel',
      'content_elsewhere kind_link',
      'content_elsewhere kind_other',
      'content_elsewhere kind_image',
    ]);
  });

  it('shows the answers of a form and its name, where it has one', () => {
    const [named] = lines({ form: { name: 'Booking', answers: '{"guests":2}' } });
    expect([named?.text, named?.answers]).toEqual(['content_form Booking', [{ name: 'guests', value: '2' }]]);
    expect(lines({ form: { name: 'flow', answers: '{}' } })[0]?.text).toBe('content_form_plain');
  });

  it('says that an ad brought them where it has no title', () => {
    expect(lines({ referral: { title: null, url: null, id: '120212' } })[0]?.text).toBe(
      'content_referral_plain',
    );
    expect(lines({ referral: { title: 'Spring', url: null, id: null } })[0]?.text).toBe(
      'content_referral Spring',
    );
  });

  it('is nothing where there is nothing', () => {
    expect(lines({})).toEqual([]);
  });
});
