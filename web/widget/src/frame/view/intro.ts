import { element } from '../../../../dom/element';
import type { Interface } from '../interface';
import type { Tenant } from '../protocol';

/** What an empty chat shows: a sentence, and questions of the organisation to start with. */
export function drawIntro(
  node: HTMLElement,
  ui: Interface,
  tenant: Tenant | null,
  say: (text: string) => void,
): void {
  const language = tenant?.suggestions[ui.language] ? ui.language : (tenant?.locale ?? ui.language);
  const chips = (tenant?.suggestions[language] ?? []).map((question) => {
    const chip = element('button', { type: 'button', class: 'chip', lang: language, dir: 'auto' }, question);
    chip.addEventListener('click', () => say(question));
    return element('li', {}, chip);
  });
  node.replaceChildren(
    element('p', { class: 'welcome' }, ui.tr('welcome')),
    ...(chips.length > 0
      ? [element('ul', { class: 'chips', 'aria-label': ui.tr('suggestions') }, ...chips)]
      : []),
  );
}
