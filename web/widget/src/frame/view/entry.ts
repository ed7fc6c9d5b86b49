import { timeOfDay } from '../../../../languages/clock';
import { nameOfLanguage } from '../../../../languages/languages';
import type { Interface, TextKey } from '../interface';
import type { Outgoing } from '../outbox';
import type { Message, Source } from '../protocol';
import { element } from '../../../../dom/element';
import { reason } from './chosen';
import { drawFiles, drawOutgoing, type FileActions } from './files';
import { pieces, safeUrl } from '../../../../dom/prose';

/** One bubble of the page: a numbered message, or one that waits to become one. */
export type Line =
  | { kind: 'message'; key: string; message: Message; opensGroup: boolean }
  | { kind: 'pending'; key: string; item: Outgoing; waiting: boolean; opensGroup: boolean };

export interface EntryActions extends FileActions {
  again: (id: string) => void;
  takeBack: (id: string) => void;
}

/** Words and links as text nodes; line breaks are kept by the style of the bubble. */
export function prose(text: string, ui: Interface): Node[] {
  return pieces(text).map((piece) =>
    piece.kind === 'words' ? document.createTextNode(piece.text) : link(piece.text, piece.text, ui, 'ltr'),
  );
}

function link(href: string, label: string, ui: Interface, dir: 'ltr' | null = null): HTMLElement {
  const hint = element('span', { class: 'visually-hidden' }, ` (${ui.tr('new_tab')})`);
  return element('a', { href, dir, target: '_blank', rel: 'noopener noreferrer nofollow' }, label, hint);
}

function sourceLine(source: Source, messageLanguage: string | null, ui: Interface): HTMLElement {
  const foreign = source.lang && source.lang !== (messageLanguage ?? ui.language);
  const label = foreign
    ? ui.tr('source_in', { language: nameOfLanguage(source.lang ?? '', ui.language) })
    : ui.tr('source');
  const url = safeUrl(source.url, location.href);
  const title = element(
    'cite',
    { lang: source.lang, dir: 'auto' },
    url ? link(url, source.title, ui) : source.title,
  );
  return element('li', {}, element('span', { class: 'source-label' }, label), ' ', title);
}

function byline(message: Message, ui: Interface): string {
  if (message.author === 'contact') return ui.tr('you');
  if (message.author === 'system') return ui.tr('notice');
  const role = ui.tr(message.author === 'staff' ? 'team' : 'assistant');
  return message.author_name && message.author === 'staff' ? `${message.author_name} · ${role}` : role;
}

/** The element of a line, first drawn without its meta line, which changes while the text stays. */
export function drawEntry(line: Line, ui: Interface, actions: EntryActions): HTMLElement {
  const message = line.kind === 'message' ? line.message : null;
  const text = line.kind === 'message' ? line.message.text : line.item.text;
  const author = message?.author ?? 'contact';
  const who = message ? byline(message, ui) : ui.tr('you');
  const sources = message?.sources.map((source) => sourceLine(source, message.lang, ui)) ?? [];
  return element(
    'div',
    { class: 'entry', 'data-author': author, 'data-opens': line.opensGroup },
    element('p', { class: author === 'contact' || !line.opensGroup ? 'visually-hidden' : 'byline' }, who),
    line.kind === 'message' ? drawFiles(line.message, ui, actions) : outgoing(line.item, ui),
    text === ''
      ? null
      : element('div', { class: 'bubble', dir: 'auto', lang: message?.lang ?? null }, ...prose(text, ui)),
    sources.length > 0 ? element('ul', { class: 'sources' }, ...sources) : null,
    message?.handover ? element('p', { class: 'handover' }, ui.tr('handover')) : null,
    element('div', { class: 'meta', 'aria-live': 'off' }),
  );
}

function outgoing(item: Outgoing, ui: Interface): HTMLElement | null {
  return item.file ? drawOutgoing(item.file, ui) : null;
}

/** Writes what may change under a bubble: its time, or how far the sending is. */
export function updateMeta(entry: HTMLElement, line: Line, ui: Interface, actions: EntryActions): void {
  const meta = entry.querySelector('.meta');
  if (!meta) return;
  const state =
    line.kind === 'message'
      ? line.message.at
      : `${line.item.state} ${line.waiting} ${line.item.fleeting ?? ''}`;
  if (meta.getAttribute('data-shown') === state) return;
  meta.setAttribute('data-shown', state);
  meta.replaceChildren(...(line.kind === 'message' ? sent(line.message.at, ui) : unsent(line, ui, actions)));
}

function sent(at: string, ui: Interface): Node[] {
  return [element('time', { datetime: at }, timeOfDay(at, ui.language))];
}

function unsent(
  line: Extract<Line, { kind: 'pending' }>,
  ui: Interface,
  actions: EntryActions,
): (Node | string)[] {
  const { item } = line;
  if (item.state === 'stored') return sent(new Date(item.at).toISOString(), ui);
  if (item.state === 'held_back') return [ui.tr('too_many')];
  if (item.state === 'queued') return [ui.tr(waitText(item, line.waiting))];
  const again = element('button', { type: 'button', class: 'quiet' }, ui.tr('try_again'));
  const takeBack = element('button', { type: 'button', class: 'quiet' }, ui.tr('remove'));
  again.addEventListener('click', () => actions.again(item.id));
  takeBack.addEventListener('click', () => actions.takeBack(item.id));
  const why = item.state === 'lost' ? ui.tr('file_lost') : reason(item.why ?? '', item.limit, ui);
  const buttons = mayHelp(item) ? [again, ' ', takeBack] : [takeBack];
  return [element('span', { class: 'problem', role: 'alert' }, why), ' ', ...buttons];
}

function waitText({ file, fleeting }: Outgoing, waiting: boolean): TextKey {
  if (!waiting) return 'sending';
  return file && fleeting ? 'file_fleeting' : 'not_sent';
}

/** Whether trying again can end otherwise: what was said of a file's type or size stays true. */
function mayHelp({ state, file, why }: Outgoing): boolean {
  return state === 'refused' && (!file || why === 'unreachable' || why === 'no_room');
}
