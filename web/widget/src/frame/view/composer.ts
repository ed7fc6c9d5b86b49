import { lengthOf, TEXT_LIMIT } from '../chat';
import type { Interface } from '../interface';
import { element, icon } from '../../../../dom/element';

const PLANE = 'M4 12 20 4l-4 16-4.5-6.5L4 12Zm7.5 1.5L20 4';

/** The field a message is written in. It grows with its text; Enter sends, Shift+Enter starts a new line. */
export class Composer {
  readonly node = element('form', { class: 'composer', novalidate: true });
  #field = element('textarea', { rows: '1', dir: 'auto', enterkeyhint: 'send', autocomplete: 'off' });
  #send = element('button', { type: 'submit', class: 'send' });
  #hint = element('p', { id: 'composer-hint', class: 'visually-hidden' });
  #problem = element('p', { id: 'composer-problem', class: 'problem', role: 'alert' });

  constructor(
    private ui: Interface,
    private readonly say: (text: string) => void,
  ) {
    this.#send.append(icon(PLANE));
    this.#field.setAttribute('aria-describedby', 'composer-hint composer-problem');
    this.node.append(
      this.#problem,
      element('div', { class: 'composer-row' }, this.#field, this.#send),
      this.#hint,
    );
    this.node.addEventListener('submit', (event) => this.#submit(event));
    this.#field.addEventListener('input', () => this.#changed());
    this.#field.addEventListener('keydown', (event) => this.#key(event));
    this.useInterface(ui);
  }

  useInterface(ui: Interface): void {
    this.ui = ui;
    this.#field.placeholder = ui.tr('placeholder');
    this.#field.setAttribute('aria-label', ui.tr('placeholder'));
    this.#send.setAttribute('aria-label', ui.tr('send'));
    this.#send.title = ui.tr('send');
    this.#hint.textContent = ui.tr('composer_hint');
    this.#changed();
  }

  focus(): void {
    this.#field.focus();
  }

  close(): void {
    this.#field.disabled = true;
    this.#send.disabled = true;
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.#field.value.trim();
    if (text === '' || lengthOf(text) > TEXT_LIMIT || this.#field.disabled) return this.focus();
    this.#field.value = '';
    this.#changed();
    this.say(text);
    this.focus();
  }

  #changed(): void {
    const count = lengthOf(this.#field.value.trim());
    const isTooLong = count > TEXT_LIMIT;
    this.#problem.textContent = isTooLong ? this.ui.tr('too_long', { limit: TEXT_LIMIT, count }) : '';
    this.#field.setAttribute('aria-invalid', String(isTooLong));
    this.node.toggleAttribute('data-sendable', count > 0 && !isTooLong);
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
