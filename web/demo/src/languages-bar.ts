import { rememberLanguage } from '../../languages/choice';
import { LANGUAGES, OWN_NAMES, type Language } from '../../languages/languages';
import { element } from '../../dom/element';
import type { Interface } from './interface';

/** All eight languages in sight, each under its own name. */
export function languagesBar(ui: Interface, choose: (language: Language) => void): HTMLElement {
  const buttons = LANGUAGES.map((language) => {
    const isCurrent = language === ui.language;
    const button = element(
      'button',
      { type: 'button', lang: language, 'aria-pressed': String(isCurrent) },
      OWN_NAMES[language],
    );
    button.addEventListener('click', () => {
      rememberLanguage(language);
      choose(language);
    });
    return element('li', {}, button);
  });
  return element('ul', { class: 'languages', 'aria-label': ui.tr('language') }, ...buttons);
}
