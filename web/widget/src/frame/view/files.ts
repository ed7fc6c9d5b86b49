import { element, icon, setAttributes } from '../../../../dom/element';
import { sizeText } from '../../../../languages/size';
import type { Interface } from '../interface';
import type { OutgoingFile } from '../outbox';
import type { Message, SentFile } from '../protocol';

const SHEET = 'M7 3h7l5 5v13H7V3Zm7 0v5h5M10 13h6M10 17h6';

export interface FileActions {
  /** Asks for fresh addresses of a message's files. */
  renew: (n: number) => void;
}

/** The files of a message, shown, played or to be downloaded; null when it has none. */
export function drawFiles(message: Message, ui: Interface, actions: FileActions): HTMLElement | null {
  if (message.files.length === 0) return null;
  const list = element('ul', { class: 'files', 'aria-label': ui.tr('files') });
  list.append(...message.files.map(() => element('li')));
  fill(list, message, ui, actions);
  return list;
}

/** A file of the visitor's own that is on its way: later filled by that of the message it becomes. */
export function drawOutgoing(file: OutgoingFile, ui: Interface): HTMLElement {
  const size = element('span', { class: 'soft' }, ` · ${sizeText(file.size, ui.language)}`);
  const words = element('span', {}, element('bdi', {}, file.name), size);
  const shown = element('p', { class: 'file' }, icon(SHEET), words);
  return element('ul', { class: 'files', 'aria-label': ui.tr('files') }, element('li', {}, shown));
}

/** Gives what is shown already the address it has now; what plays is not interrupted. */
export function updateFiles(entry: HTMLElement, message: Message, ui: Interface, actions: FileActions): void {
  const list = entry.querySelector('.files');
  if (list) fill(list, message, ui, actions);
}

function fill(list: Element, { n, files }: Message, ui: Interface, actions: FileActions): void {
  for (const [at, item] of [...list.querySelectorAll('li')].entries()) {
    const file = files[at];
    if (!file) continue;
    const shape = file.url === null ? file.state : file.kind;
    if (item.dataset.shape !== shape) {
      item.dataset.shape = shape;
      item.replaceChildren(...draw(file, ui, () => actions.renew(n)));
    }
    if (file.url !== null) putAddress(item, file.url, file.until);
  }
}

function draw(file: SentFile, ui: Interface, renew: () => void): Node[] {
  const name = element('bdi', {}, file.name);
  if (file.url === null) {
    const why = ui.tr(file.state === 'waiting' ? 'file_checked' : 'file_closed');
    return [element('p', { class: 'file' }, name), element('p', { class: 'file-note' }, why)];
  }
  switch (file.kind) {
    case 'image':
      return [picture(file, ui, renew)];
    case 'audio':
    case 'video':
      return [player(file.kind, file.name, renew), element('p', { class: 'file-note' }, name)];
    default:
      return [download(file, name, ui, renew)];
  }
}

function picture(file: SentFile, ui: Interface, renew: () => void): HTMLElement {
  const image = element('img', { alt: file.name, loading: 'lazy' });
  image.addEventListener('error', renew);
  const hint = element('span', { class: 'visually-hidden' }, ` (${ui.tr('new_tab')})`);
  return guarded(element('a', { target: '_blank', rel: 'noopener noreferrer' }, image, hint), renew);
}

function player(kind: 'audio' | 'video', name: string, renew: () => void): HTMLElement {
  const media = element(kind, { controls: true, preload: 'metadata', 'aria-label': name });
  media.addEventListener('error', renew);
  return media;
}

function download(file: SentFile, name: HTMLElement, ui: Interface, renew: () => void): HTMLElement {
  const size = file.size === null ? '' : ` · ${sizeText(file.size, ui.language)}`;
  const hint = element('span', { class: 'visually-hidden' }, ` (${ui.tr('file_download')})`);
  const words = element('span', {}, name, element('span', { class: 'soft' }, size), hint);
  return guarded(element('a', { class: 'file', download: file.name }, icon(SHEET), words), renew);
}

/** A link that is never followed to an address that has ended: it is opened when the fresh one is here. */
function guarded(link: HTMLAnchorElement, renew: () => void): HTMLElement {
  link.addEventListener('click', (event) => {
    if (Date.now() < Number(link.dataset.until)) return;
    event.preventDefault();
    link.dataset.wanted = '';
    renew();
  });
  return link;
}

function putAddress(item: HTMLElement, url: string, until: number): void {
  const link = item.querySelector('a');
  const image = item.querySelector('img');
  const media = item.querySelector<HTMLMediaElement>('audio, video');
  if (link) follow(link, url, until);
  if (image && !(image.complete && image.naturalWidth > 0)) setAddress(image, url);
  if (media && (media.paused || media.error) && media.getAttribute('src') !== url) resume(media, url);
}

function follow(link: HTMLAnchorElement, url: string, until: number): void {
  setAttributes(link, { href: url, 'data-until': String(until) });
  if (link.dataset.wanted === undefined || until <= Date.now()) return;
  delete link.dataset.wanted;
  link.click();
}

function setAddress(image: HTMLImageElement, url: string): void {
  if (image.getAttribute('src') !== url) image.setAttribute('src', url);
}

/** Goes on where it stood, playing if it did. */
function resume(media: HTMLMediaElement, url: string): void {
  const { currentTime, paused } = media;
  media.setAttribute('src', url);
  if (currentTime > 0) media.currentTime = currentTime;
  if (!paused) void media.play().catch(() => {}); // where the browser wants a press first, there is a button
}
