import { element, icon } from '../../../../dom/element';
import { sizeText } from '../../../../languages/size';
import { accepted, objection, type Objection } from '../choosing';
import type { Interface, TextKey } from '../interface';
import type { FilesTaken } from '../protocol';

const CLIP =
  'M19.5 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8.3-8.3a3.1 3.1 0 0 1 4.4 4.4l-8.2 8.2a1.5 1.5 0 0 1-2.2-2.1l7-7';
const CROSS = 'M6 6l12 12M18 6 6 18';
export const MOST_FILES = 10;

const REASONS: Record<string, TextKey> = {
  type_refused: 'file_type',
  type_contradicted: 'file_type',
  empty_file: 'file_empty',
  unreachable: 'file_unsent',
  no_room: 'file_no_room',
};

/** Why a file is not sent, in words. */
export function reason(code: string, limit: number | undefined, ui: Interface): string {
  if (code === 'file_too_large' && limit) {
    return ui.tr('file_large', { limit: sizeText(limit, ui.language) });
  }
  return ui.tr(REASONS[code] ?? 'refused');
}

/** The files that go along with the next message: picked, pasted or dropped, each named and easily let go. */
export class Chosen {
  readonly list = element('ul', { class: 'chosen', 'aria-live': 'polite' });
  readonly button = element('button', { type: 'button', class: 'attach' });
  readonly input = element('input', { type: 'file', multiple: true, hidden: true });
  #files: File[] = [];
  /** What stays is never drawn anew: a screen reader names each file once. */
  #chips = new Map<File, HTMLElement>();
  #taken: FilesTaken[] = [];

  constructor(
    private ui: Interface,
    private readonly changed: (problem: string) => void,
  ) {
    this.button.append(icon(CLIP));
    this.button.addEventListener('click', () => this.input.click());
    this.input.addEventListener('change', () => {
      this.add([...(this.input.files ?? [])]);
      this.input.value = ''; // the same file can be chosen again
    });
  }

  get count(): number {
    return this.#files.length;
  }

  useInterface(ui: Interface): void {
    this.ui = ui;
    this.button.setAttribute('aria-label', ui.tr('attach'));
    this.button.title = ui.tr('attach');
    this.input.setAttribute('aria-label', ui.tr('attach'));
    this.list.setAttribute('aria-label', ui.tr('files'));
    this.list.replaceChildren();
    this.#chips.clear();
    this.#draw();
  }

  /** What the server takes, once it has said so. */
  useTaken(taken: FilesTaken[]): void {
    this.#taken = taken;
    this.input.accept = accepted(taken);
  }

  add(files: File[]): void {
    const refused = files.map((file) => ({ file, why: objection(file, this.#taken) }));
    const fine = refused.filter(({ why }) => why === null).map(({ file }) => file);
    const room = MOST_FILES - this.#files.length;
    this.#files.push(...fine.slice(0, room));
    this.#draw();
    const problems = refused.flatMap(({ file, why }) => (why ? [this.#sentence(file, why)] : []));
    if (fine.length > room) problems.push(this.ui.tr('files_many', { limit: MOST_FILES }));
    this.changed(problems.join(' '));
  }

  /** All of them, which are gone from here. */
  take(): File[] {
    const files = this.#files;
    this.#files = [];
    this.#draw();
    return files;
  }

  #sentence(file: File, why: Objection): string {
    return `\u2068${file.name}\u2069: ${reason(why.code, why.limit, this.ui)}`; // its letters may go another way
  }

  #draw(): void {
    for (const [file, chip] of this.#chips) {
      if (this.#files.includes(file)) continue;
      chip.remove();
      this.#chips.delete(file);
    }
    for (const file of this.#files) {
      if (this.#chips.has(file)) continue;
      const chip = this.#chip(file);
      this.#chips.set(file, chip);
      this.list.append(chip);
    }
  }

  #chip(file: File): HTMLElement {
    const remove = element('button', {
      type: 'button',
      class: 'let-go',
      'aria-label': this.ui.tr('remove_file', { name: file.name }),
    });
    remove.append(icon(CROSS));
    remove.addEventListener('click', () => {
      this.#files = this.#files.filter((each) => each !== file);
      this.#draw();
      this.changed('');
      this.button.focus();
    });
    const size = element('span', { class: 'soft' }, ` · ${sizeText(file.size, this.ui.language)}`);
    return element('li', {}, element('span', {}, element('bdi', {}, file.name), size), remove);
  }
}
