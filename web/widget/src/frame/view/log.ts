import { dayInWords, isSameDay } from '../../../../languages/clock';
import type { Chat } from '../chat';
import type { Interface } from '../interface';
import { element } from '../../../../dom/element';
import { drawEntry, updateMeta, type EntryActions, type Line } from './entry';
import { updateFiles } from './files';

const NEAR_END_PX = 80;

/** The scrolling list of messages. Entries that stay are never drawn anew: a screen reader reads each once. */
export class Log {
  readonly node = element('div', { class: 'scroller' });
  #log = element('div', { class: 'log', role: 'log', 'aria-live': 'polite', tabindex: '0' });
  #earlier = element('button', { type: 'button', class: 'quiet earlier', hidden: true });
  #toEnd = element('button', { type: 'button', class: 'to-end', hidden: true });
  /** Kept apart from the position, which a growing text field or keyboard moves without anybody scrolling. */
  #atEnd = true;
  #first = Infinity;
  #entries = new Map<string, HTMLElement>();

  constructor(
    private readonly chat: Chat,
    private ui: Interface,
    private readonly actions: EntryActions,
    private readonly intro: HTMLElement,
  ) {
    this.node.append(this.#earlier, this.intro, this.#log, this.#toEnd);
    this.#earlier.addEventListener('click', () => this.chat.showEarlier());
    this.#toEnd.addEventListener('click', () => this.scrollToEnd());
    this.node.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    const grown = new ResizeObserver(() => this.#atEnd && this.scrollToEnd());
    grown.observe(this.node);
    grown.observe(this.#log); // a picture that has come
  }

  /** Draws everything anew in another language. */
  useInterface(ui: Interface): void {
    this.ui = ui;
    this.#entries.clear();
    this.#log.replaceChildren();
    this.#log.setAttribute('aria-label', ui.tr('messages'));
    this.#earlier.textContent = ui.tr('earlier');
    this.#toEnd.textContent = ui.tr('new_messages');
    this.draw();
  }

  draw(): void {
    const lines = this.#lines();
    const wasAtEnd = this.#atEnd;
    const heightBefore = this.node.scrollHeight;
    const before = this.#log.lastElementChild;
    const firstBefore = this.#first;
    this.#first = this.chat.ledger.first;
    this.#log.setAttribute('aria-busy', String(this.chat.catchingUp));
    this.#place(lines);
    this.#earlier.toggleAttribute('hidden', !this.chat.hasEarlier);
    this.intro.toggleAttribute('hidden', lines.length > 0);
    const grewAtEnd = this.#log.lastElementChild !== before;
    if (wasAtEnd) this.scrollToEnd();
    else if (grewAtEnd) this.#offerEnd();
    else if (this.#first < firstBefore) this.node.scrollTop += this.node.scrollHeight - heightBefore;
  }

  #scrolled(): void {
    this.#atEnd = this.#isAtEnd();
    if (this.#atEnd) this.#toEnd.toggleAttribute('hidden', true);
  }

  scrollToEnd(): void {
    this.#atEnd = true;
    this.node.scrollTop = this.node.scrollHeight;
    this.#toEnd.toggleAttribute('hidden', true);
  }

  #offerEnd(): void {
    if (this.#log.lastElementChild?.getAttribute('data-author') === 'contact') this.scrollToEnd();
    else this.#toEnd.toggleAttribute('hidden', false);
  }

  #isAtEnd(): boolean {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END_PX;
  }

  #lines(): Line[] {
    let previous: string | null = null;
    const opens = (author: string) => {
      const opensGroup = author !== previous;
      previous = author;
      return opensGroup;
    };
    const messages = this.chat.ledger.list().map((message): Line => {
      const opensGroup = opens(message.author + (message.author_name ?? ''));
      return { kind: 'message', key: message.client_id ?? message.id, message, opensGroup };
    });
    const waiting = this.chat.state !== 'ready';
    const pending = this.chat.pending().map((item): Line => {
      return { kind: 'pending', key: item.id, item, waiting, opensGroup: opens('contact') };
    });
    return [...messages, ...pending];
  }

  #place(lines: Line[]): void {
    const wanted = new Set<Node>();
    let at: Element | null = this.#log.firstElementChild;
    let day: string | null = null;
    const put = (node: Element) => {
      wanted.add(node);
      if (node === at) at = at.nextElementSibling;
      else this.#log.insertBefore(node, at);
    };
    for (const line of lines) {
      const moment = line.kind === 'message' ? line.message.at : new Date(line.item.at).toISOString();
      if (day === null || !isSameDay(day, moment)) put(this.#dayLine(moment));
      day = moment;
      put(this.#entry(line));
    }
    this.#log.querySelectorAll(':scope > *').forEach((node) => wanted.has(node) || node.remove());
  }

  #entry(line: Line): HTMLElement {
    const known = this.#entries.get(line.key);
    const entry = known?.dataset.kind === line.kind || known?.dataset.kind === 'pending' ? known : null;
    const drawn = entry ?? drawEntry(line, this.ui, this.actions);
    drawn.dataset.kind = line.kind;
    this.#entries.set(line.key, drawn);
    updateMeta(drawn, line, this.ui, this.actions);
    if (line.kind === 'message') updateFiles(drawn, line.message, this.ui, this.actions);
    return drawn;
  }

  #dayLine(moment: string): HTMLElement {
    const key = `day:${new Date(moment).toDateString()}`;
    const words = isSameDay(moment, new Date()) ? this.ui.tr('today') : dayInWords(moment, this.ui.language);
    const line = this.#entries.get(key) ?? element('p', { class: 'day', 'aria-live': 'off' }, words);
    this.#entries.set(key, line);
    return line;
  }
}
