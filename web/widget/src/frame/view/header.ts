import { LANGUAGES, OWN_NAMES, type Language } from '../../../../languages/languages';
import type { Interface } from '../interface';
import { element, icon } from '../../../../dom/element';

const CROSS = 'M6 6l12 12M18 6 6 18';
const GLOBE =
  'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3.5 9.5h17M3.5 14.5h17M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18';

export interface HeaderActions {
  choose: (language: Language) => void;
  close: () => void;
}

/** Who one is talking to, in which language the page speaks, and the way out. */
export class Header {
  readonly node = element('header', { class: 'header' });
  #name = element('h1', { class: 'name', dir: 'auto' });
  #status = element('p', { class: 'status', role: 'status' });
  #languages = element('select', {});
  #close = element('button', { type: 'button', class: 'close' });

  constructor(closable: boolean, actions: HeaderActions) {
    for (const language of LANGUAGES) {
      this.#languages.append(element('option', { value: language, lang: language }, OWN_NAMES[language]));
    }
    this.#languages.addEventListener('change', () => actions.choose(this.#languages.value as Language));
    this.#close.append(icon(CROSS));
    this.#close.addEventListener('click', actions.close);
    const picker = element('div', { class: 'language' }, icon(GLOBE), this.#languages);
    const who = element('div', { class: 'who' }, this.#name, this.#status);
    this.node.append(who, picker, ...(closable ? [this.#close] : []));
  }

  useInterface(ui: Interface): void {
    this.#languages.value = ui.language;
    this.#languages.setAttribute('aria-label', ui.tr('language'));
    this.#close.setAttribute('aria-label', ui.tr('loader_close'));
    this.#close.title = ui.tr('loader_close');
  }

  show(name: string, status: string): void {
    if (this.#name.textContent !== name) this.#name.textContent = name;
    if (this.#status.textContent !== status) this.#status.textContent = status;
  }
}
