import type { Message } from '../../api/client';
import type { Interface, TextKey } from '../../language/interface';
import { answersOf, type Answer } from './form';

export type Content = NonNullable<Message['content']>;
type Tr = Interface['tr'];

/** One thing in words, where it leads, and what stands in it. */
export interface Line {
  text: string;
  href?: string | null;
  answers?: Answer[];
}

/** The providers' words for what somebody can send, as we call it. */
const KINDS: Record<string, TextKey> = {
  image: 'kind_image',
  video: 'kind_video',
  audio: 'kind_audio',
  voice: 'kind_audio',
  document: 'kind_document',
  file: 'kind_document',
  sticker: 'kind_sticker',
  reel: 'kind_reel',
  ig_reel: 'kind_reel',
  share: 'kind_post',
  post: 'kind_post',
  ig_post: 'kind_post',
  story_mention: 'kind_story',
  ig_story: 'kind_story',
  fallback: 'kind_link',
};
/** WhatsApp calls every form so that has no name of its own. */
const NAMELESS = 'flow';

/** Everything a message holds besides words and files, in the order in which it matters. */
export function linesOf(content: Content, tr: Tr, language: string): Line[] {
  const { place, form, reaction, button, story, referral } = content;
  return [
    ...(place ? [placeLine(place, tr)] : []),
    ...content.cards.map((card) => cardLine(card, tr)),
    ...content.order.map((line) => orderLine(line, tr, language)),
    ...(form ? [formLine(form, tr)] : []),
    ...(reaction ? [reactionLine(reaction, tr)] : []),
    ...(button ? [{ text: tr('content_button', { value: button }) }] : []),
    ...(story ? [{ text: tr('content_story'), href: story.url }] : []),
    ...(referral ? [referralLine(referral, tr)] : []),
    ...content.links.map((link) => ({ text: link, href: link })),
    ...content.files.map((kind) => ({
      text: tr('content_elsewhere', { kind: tr(KINDS[kind] ?? 'kind_other') }),
    })),
  ];
}

function formLine(form: NonNullable<Content['form']>, tr: Tr): Line {
  const { name } = form;
  const text = name && name !== NAMELESS ? tr('content_form', { name }) : tr('content_form_plain');
  return { text, answers: answersOf(form.answers, { yes: tr('yes'), no: tr('no') }) };
}

function referralLine({ title, url }: NonNullable<Content['referral']>, tr: Tr): Line {
  const by = title || url;
  return { text: by ? tr('content_referral', { title: by }) : tr('content_referral_plain'), href: url };
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
