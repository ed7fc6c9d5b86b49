import { brand } from '../../../dom/colour';
import { element } from '../../../dom/element';
import type { Interface } from '../interface';
import { inLanguage, type Organisation } from '../organisations';

/** One organisation: who it is, a question to start with, and the two ways to write to it. */
export function organisationCard(organisation: Organisation, ui: Interface): HTMLElement {
  const { slug, name, colour, whatsapp } = organisation;
  const about = inLanguage(organisation.description, ui.language);
  const question = inLanguage(organisation.suggestions, ui.language);
  const sign = element('span', { class: 'sign', 'aria-hidden': 'true' }, [...name][0] ?? '');
  const colours = brand(colour);
  if (colours) {
    sign.style.setProperty('--brand', colours.ground);
    sign.style.setProperty('--on-brand', colours.ink);
  }
  return element(
    'article',
    { class: 'card' },
    element('div', { class: 'card-head' }, sign, element('h3', { dir: 'auto' }, name)),
    about ? element('p', { lang: about.lang, dir: 'auto', class: 'about' }, about.value) : null,
    question?.value[0] ? example(question.value[0], question.lang, ui) : null,
    element(
      'div',
      { class: 'actions' },
      link(
        `/chat/${slug}?lang=${ui.language}`,
        'primary',
        ui.tr('open_chat'),
        ui.tr('open_chat_of', { name }),
      ),
      whatsapp
        ? link(`/demo/phone?to=${slug}`, 'secondary', ui.tr('open_phone'), ui.tr('open_phone_of', { name }))
        : null,
    ),
    whatsapp
      ? element('p', { class: 'number', dir: 'ltr' }, `WhatsApp ${whatsapp.display_phone_number}`)
      : null,
  );
}

function example(question: string, lang: string, ui: Interface): HTMLElement {
  return element(
    'p',
    { class: 'example' },
    element('span', {}, ui.tr('ask_for_example')),
    element('q', { lang, dir: 'auto' }, question),
  );
}

function link(href: string, look: string, label: string, fullLabel: string): HTMLElement {
  return element('a', { href, class: look, 'aria-label': fullLabel }, label);
}
