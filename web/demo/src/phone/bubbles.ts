import { element, icon } from '../../../dom/element';
import { pieces } from '../../../dom/prose';
import { dayInWords, isSameDay, timeOfDay } from '../../../languages/clock';
import type { Interface, TextKey } from '../interface';
import type { PhoneMessage } from './talk';

const ONE_TICK = 'M5 13l4 4L19 7';
const TWO_TICKS = 'M2 13l4 4L15 7M11 16l1 1L22 7';
const CLOCK = 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 8v4l3 2';
const CROSS = 'M6 6l12 12M18 6 6 18';

const TICKS: Record<string, { path: string; text: TextKey }> = {
  pending: { path: CLOCK, text: 'status_sending' },
  sent: { path: ONE_TICK, text: 'status_sent' },
  delivered: { path: TWO_TICKS, text: 'status_delivered' },
  read: { path: TWO_TICKS, text: 'status_read' },
  played: { path: TWO_TICKS, text: 'status_read' },
  failed: { path: CROSS, text: 'status_failed' },
};

function ticks(status: string | null, ui: Interface): HTMLElement {
  const sign = TICKS[status ?? ''];
  const node = element('span', {
    class: 'ticks',
    'data-status': status,
    title: sign ? ui.tr(sign.text) : null,
  });
  if (!sign) return node;
  node.append(icon(sign.path), element('span', { class: 'visually-hidden' }, ui.tr(sign.text)));
  return node;
}

function words(text: string): (Node | string)[] {
  return pieces(text).map((piece) =>
    piece.kind === 'words'
      ? piece.text
      : element(
          'a',
          { href: piece.text, dir: 'ltr', target: '_blank', rel: 'noopener noreferrer' },
          piece.text,
        ),
  );
}

/** The list of bubbles; those that are there already stay and only get new ticks. */
export class Bubbles {
  readonly node = element('div', { class: 'bubbles', role: 'log', 'aria-live': 'polite', tabindex: '0' });
  #drawn = new Map<number, HTMLElement>();

  constructor(
    private readonly ui: Interface,
    private readonly organisation: string,
    private readonly person: string,
  ) {
    this.node.setAttribute('aria-label', ui.tr('conversation'));
    this.draw([]);
  }

  draw(messages: PhoneMessage[]): void {
    const isAtEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 60;
    if (this.#drawn.size === 0) this.node.replaceChildren();
    if (messages.length === 0) {
      this.#drawn.clear();
      this.node.replaceChildren(element('p', { class: 'nothing' }, this.ui.tr('phone_empty')));
    }
    let previous: string | null = null;
    for (const message of messages) {
      const drawn = this.#drawn.get(message.seq);
      if (drawn) this.#update(drawn, message);
      else this.#append(message, previous);
      previous = message.at;
    }
    if (isAtEnd) this.node.scrollTop = this.node.scrollHeight;
  }

  #append(message: PhoneMessage, previous: string | null): void {
    if (previous === null || !isSameDay(previous, message.at)) {
      this.node.append(element('p', { class: 'day' }, dayInWords(message.at, this.ui.language)));
    }
    const bubble = this.#bubble(message);
    this.#drawn.set(message.seq, bubble);
    this.node.append(bubble);
  }

  #update(drawn: HTMLElement, message: PhoneMessage): void {
    const shown = drawn.querySelector('.ticks');
    if (shown && shown.getAttribute('data-status') !== message.status)
      shown.replaceWith(ticks(message.status, this.ui));
  }

  #bubble(message: PhoneMessage): HTMLElement {
    const who = message.direction === 'in' ? this.person : this.organisation;
    return element(
      'div',
      { class: 'bubble', 'data-direction': message.direction },
      element('span', { class: 'visually-hidden' }, `${who}: `),
      element('div', { class: 'words', dir: 'auto' }, ...words(message.text)),
      element(
        'div',
        { class: 'when', 'aria-live': 'off' },
        element('time', { datetime: message.at }, timeOfDay(message.at, this.ui.language)),
        message.direction === 'in' ? ticks(message.status, this.ui) : null,
      ),
    );
  }
}
