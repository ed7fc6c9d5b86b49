import { lengthOf, TEXT_LIMIT } from '../chat';
import type { Interface } from '../interface';
import type { FilesTaken } from '../protocol';
import { Chosen } from './chosen';
import { element, icon } from '../../../../dom/element';

const PLANE = 'M4 12 20 4l-4 16-4.5-6.5L4 12Zm7.5 1.5L20 4';

/** Where a message is written and files are added. It grows with its text; Enter sends, Shift+Enter starts a new line. */
export class Composer {
  readonly node = element('form', { class: 'composer', novalidate: true });
  #field = element('textarea', { rows: '1', dir: 'auto', enterkeyhint: 'send', autocomplete: 'off' });
  #send = element('button', { type: 'submit', class: 'send' });
  #hint = element('p', { id: 'composer-hint', class: 'visually-hidden' });
  #problem = element('p', { id: 'composer-problem', class: 'problem', role: 'alert' });

  #chosen: Chosen;
  #objection = '';

  constructor(
    private ui: Interface,
    private readonly say: (text: string, files: File[]) => void,
  ) {
    this.#chosen = new Chosen(ui, (problem) => {
      this.#objection = problem;
      this.#changed();
    });
    this.#send.append(icon(PLANE));
    this.#field.setAttribute('aria-describedby', 'composer-hint composer-problem');
    this.node.append(
      this.#problem,
      this.#chosen.list,
      element('div', { class: 'composer-row' }, this.#chosen.button, this.#field, this.#send),
      this.#chosen.input,
      this.#hint,
    );
    this.node.addEventListener('submit', (event) => this.#submit(event));
    this.#field.addEventListener('input', () => {
      this.#objection = '';
      this.#changed();
    });
    this.#chosen.input.addEventListener('change', () => this.focus()); // so that Enter sends it
    this.#field.addEventListener('paste', (event) => this.#paste(event));
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
    this.#chosen.useInterface(ui);
    this.#changed();
  }

  focus(): void {
    this.#field.focus();
  }

  useTaken(taken: FilesTaken[]): void {
    this.#chosen.useTaken(taken);
  }

  /** Files that somebody let fall on the page. */
  add(files: File[]): void {
    if (this.#field.disabled) return;
    this.#chosen.add(files);
    this.focus();
  }

  close(): void {
    this.#field.disabled = true;
    this.#chosen.button.disabled = true;
    this.#send.disabled = true;
  }

  /** Files are taken along; words are pasted as ever, also where a program puts a picture of them beside. */
  #paste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || event.clipboardData?.types.includes('text/plain')) return;
    event.preventDefault();
    this.add(files);
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.#field.value.trim();
    const isEmpty = text === '' && this.#chosen.count === 0;
    if (isEmpty || lengthOf(text) > TEXT_LIMIT || this.#field.disabled) return this.focus();
    const files = this.#chosen.take();
    this.#field.value = '';
    this.#objection = '';
    this.#changed();
    this.say(text, files);
    this.focus();
  }

  #changed(): void {
    const count = lengthOf(this.#field.value.trim());
    const isTooLong = count > TEXT_LIMIT;
    const tooLong = isTooLong ? this.ui.tr('too_long', { limit: TEXT_LIMIT, count }) : '';
    const problem = tooLong || this.#objection;
    if (this.#problem.textContent !== problem) this.#problem.textContent = problem;
    this.#field.setAttribute('aria-invalid', String(isTooLong));
    this.node.toggleAttribute('data-sendable', (count > 0 || this.#chosen.count > 0) && !isTooLong);
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
