import type { Message } from '../../api/client';
import type { Interface } from '../../language/interface';

export type Content = NonNullable<Message['content']>;
type Tr = Interface['tr'];

/** One thing in words, and where it leads. */
export interface Line {
  text: string;
  href?: string | null;
}

/** Everything a message holds besides words and files, in the order in which it matters. */
export function linesOf(content: Content, tr: Tr, language: string): Line[] {
  const { place, form, reaction, button, story, referral } = content;
  return [
    ...(place ? [placeLine(place, tr)] : []),
    ...content.cards.map((card) => cardLine(card, tr)),
    ...content.order.map((line) => orderLine(line, tr, language)),
    ...(form ? [{ text: tr('content_form', { name: form.name ?? '', answers: form.answers }) }] : []),
    ...(reaction ? [reactionLine(reaction, tr)] : []),
    ...(button ? [{ text: tr('content_button', { value: button }) }] : []),
    ...(story ? [{ text: tr('content_story'), href: story.url }] : []),
    ...(referral
      ? [
          {
            text: tr('content_referral', { title: referral.title ?? referral.url ?? referral.id ?? '' }),
            href: referral.url,
          },
        ]
      : []),
    ...content.links.map((link) => ({ text: link, href: link })),
    ...content.files.map((kind) => ({ text: tr('content_elsewhere', { kind }) })),
  ];
}

function placeLine(place: NonNullable<Content['place']>, tr: Tr): Line {
  const { latitude, longitude } = place;
  const at = `${latitude}, ${longitude}`;
  const named = [place.name, place.address].filter(Boolean).join(', ');
  return {
    text: tr('content_place', { place: named ? `${named} (${at})` : at }),
    href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`,
  };
}

function cardLine(card: Content['cards'][number], tr: Tr): Line {
  return {
    text: tr('content_card', {
      card: [card.name, ...card.phones, ...card.emails].filter(Boolean).join(' · '),
    }),
  };
}

function orderLine(line: Content['order'][number], tr: Tr, language: string): Line {
  const many = line.quantity ?? 1;
  const text = tr('content_order', { many: String(many), product: line.product });
  if (line.price === null || !line.currency) return { text };
  return { text: `${text} · ${money(line.price, line.currency, language)}` };
}

/** A provider's word for a currency may be no currency. */
function money(price: number, currency: string, language: string): string {
  try {
    return new Intl.NumberFormat(language, { style: 'currency', currency }).format(price);
  } catch {
    return `${price} ${currency}`;
  }
}

function reactionLine(reaction: NonNullable<Content['reaction']>, tr: Tr): Line {
  if (!reaction.emoji) return { text: tr('content_reaction_back') };
  if (!reaction.to) return { text: tr('content_reaction', { emoji: reaction.emoji }) };
  return { text: tr('content_reaction_to', { emoji: reaction.emoji, words: reaction.to }) };
}
