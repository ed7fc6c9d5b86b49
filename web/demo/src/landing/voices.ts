import { brand } from '../../../dom/colour';
import { element } from '../../../dom/element';
import type { Organisation } from '../organisations';

/** Languages to show first: four scripts' worth of variety, whatever the page's own language is. */
const SHOWN = ['fr', 'ar', 'es', 'ru'];

/** Questions of the organisations, as guests would ask them, each leading to the chat in its language. */
export function voices(organisations: Organisation[], language: string): HTMLElement {
  const node = element('ul', { id: 'voices', class: 'voices' });
  const languages = SHOWN.filter((shown) => shown !== language);
  languages.forEach((lang, place) => {
    const organisation = organisations[place % Math.max(1, organisations.length)];
    const questions = organisation?.suggestions[lang];
    const question = questions?.[place % questions.length];
    if (!organisation || !question) return;
    const href = `/chat/${organisation.slug}?lang=${lang}`;
    const bubble = element(
      'a',
      { href, lang, dir: 'auto' },
      question,
      element('span', {}, organisation.name),
    );
    const colours = brand(organisation.colour);
    if (colours) {
      bubble.style.setProperty('--brand', colours.ground);
      bubble.style.setProperty('--on-brand', colours.ink);
    }
    node.append(element('li', {}, bubble));
  });
  return node;
}
