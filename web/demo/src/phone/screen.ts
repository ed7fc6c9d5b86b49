import { brand } from '../../../dom/colour';
import { element, icon } from '../../../dom/element';
import type { Interface } from '../interface';
import type { Organisation } from '../organisations';
import { Bubbles } from './bubbles';
import type { Person } from './people';
import { Talk } from './talk';

const PLANE = 'M4 12 20 4l-4 16-4.5-6.5L4 12Zm7.5 1.5L20 4';
const TEXT_LIMIT = 4_000;

/** The phone itself: who is written to, the bubbles, the field. */
export class Screen {
  readonly node = element('section', { class: 'phone' });
  #notice = element('p', { class: 'phone-notice', role: 'status' });
  #field: HTMLTextAreaElement;
  #talk: Talk;

  constructor(
    private readonly ui: Interface,
    organisation: Organisation,
    private readonly person: Person,
  ) {
    const bubbles = new Bubbles(ui, organisation.name, person.name);
    this.#talk = new Talk(organisation.slug, person.number, {
      changed: (messages) => bubbles.draw(messages),
      connected: (yes) => this.#tell(yes ? '' : ui.tr('connection_lost')),
    });
    this.#field = element('textarea', {
      rows: '1',
      dir: 'auto',
      maxlength: String(TEXT_LIMIT),
      enterkeyhint: 'send',
      placeholder: ui.tr('write'),
      'aria-label': ui.tr('write'),
    });
    this.node.setAttribute('aria-label', organisation.name);
    this.node.append(header(organisation), bubbles.node, this.#notice, this.#form());
    this.#talk.start();
  }

  close(): void {
    this.#talk.stop();
  }

  #form(): HTMLFormElement {
    const send = element('button', { type: 'submit', class: 'send', 'aria-label': this.ui.tr('send') });
    send.append(icon(PLANE));
    const form = element('form', { class: 'phone-form' }, this.#field, send);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    this.#field.addEventListener('input', () => this.#fit());
    return form;
  }

  /** The text leaves the field only once Lumi has taken it. */
  async #send(): Promise<void> {
    const text = this.#field.value.trim();
    if (text === '' || this.#field.readOnly) return;
    this.#field.readOnly = true;
    try {
      await this.#talk.send(this.person.name, text);
      this.#field.value = '';
      this.#tell('');
    } catch {
      this.#tell(this.ui.tr('not_accepted'));
    }
    this.#field.readOnly = false;
    this.#fit();
    this.#field.focus();
  }

  #fit(): void {
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  #tell(notice: string): void {
    if (this.#notice.textContent !== notice) this.#notice.textContent = notice;
  }
}

function header(organisation: Organisation): HTMLElement {
  const { name, colour, whatsapp } = organisation;
  const sign = element('span', { class: 'sign', 'aria-hidden': 'true' }, [...name][0] ?? '');
  const colours = brand(colour);
  if (colours) {
    sign.style.setProperty('--brand', colours.ground);
    sign.style.setProperty('--on-brand', colours.ink);
  }
  const number = element('p', {}, element('bdi', { dir: 'ltr' }, whatsapp?.display_phone_number ?? ''));
  return element(
    'header',
    { class: 'phone-head' },
    sign,
    element('div', {}, element('h2', { dir: 'auto' }, name), number),
  );
}
