import { newUuid } from '../../../wire/uuid';
import { put, readJson, type Keep } from './keep';
import { keyOf, type Place } from './sessions';

export interface Outgoing {
  id: string;
  text: string;
  at: number;
  /**
   * `held_back` while the server asks for a pause; `stored` from the acknowledgement to the numbered copy;
   * `lost` when the file that belongs to it is not here any more.
   */
  state: 'queued' | 'held_back' | 'refused' | 'stored' | 'lost';
  file?: OutgoingFile;
  /** Why it was refused, and what would have been taken. */
  why?: string;
  limit?: number;
  /** Its file does not outlive this page. */
  fleeting?: boolean;
}

/** A file of the visitor's own; its bytes wait elsewhere. */
export interface OutgoingFile {
  name: string;
  size: number;
}

/**
 * Messages the visitor wrote and the ledger does not show yet. Each has its own storage key, so that two
 * tabs of one chat never overwrite each other's queue; a message sent twice has one id and is stored once.
 */
export class Outbox {
  #items = new Map<string, Outgoing>();
  readonly #prefix: string;

  constructor(
    private readonly keep: Keep,
    place: Place,
  ) {
    this.#prefix = keyOf(place, 'outbox.');
    this.load();
  }

  /** Reads what is stored, including what another tab has written or settled meanwhile. */
  load(): void {
    const stored = new Set<string>();
    for (let index = 0; index < this.keep.length; index += 1) {
      const key = this.keep.key(index);
      if (key?.startsWith(this.#prefix)) stored.add(key.slice(this.#prefix.length));
    }
    for (const id of stored) this.#read(id);
  }

  #read(id: string): void {
    const item = readJson(this.keep, this.#prefix + id);
    if (this.#items.has(id) || typeof item?.text !== 'string' || typeof item.at !== 'number') return;
    const state = item.state === 'refused' ? 'refused' : 'queued';
    const why = typeof item.why === 'string' ? { why: item.why } : {};
    const limit = typeof item.limit === 'number' ? { limit: item.limit } : {};
    this.#items.set(id, {
      id,
      text: item.text,
      at: item.at,
      state,
      ...readFile(item.file),
      ...why,
      ...limit,
    });
  }

  /** All of them, oldest first. */
  list(): Outgoing[] {
    return [...this.#items.values()].toSorted((one, other) => one.at - other.at);
  }

  add(text: string, file?: OutgoingFile, now: number = Date.now()): Outgoing {
    const latest = Math.max(0, ...[...this.#items.values()].map((item) => item.at));
    const item: Outgoing = { id: newUuid(), text, at: Math.max(now, latest + 1), state: 'queued' };
    if (file) item.file = file;
    this.#write(item);
    return item;
  }

  find(id: string): Outgoing | undefined {
    return this.#items.get(id);
  }

  mark(id: string, state: Outgoing['state']): void {
    this.note(id, { state });
  }

  note(id: string, news: Partial<Outgoing>): void {
    const item = this.#items.get(id);
    if (item) this.#write({ ...item, ...news });
  }

  /** Under what a message, and the file that belongs to it, are kept. */
  keyOf(id: string): string {
    return this.#prefix + id;
  }

  /** Whether the message kept under this is still to be sent, by this chat or by another. */
  isWaited(key: string): boolean {
    return this.keep.getItem(key) !== null;
  }

  /** The server has it: nothing to send again, not even after a reload. */
  acknowledge(id: string): void {
    const item = this.#items.get(id);
    if (item) this.#items.set(id, { ...item, state: 'stored' });
    this.keep.removeItem(this.#prefix + id);
  }

  /** Forgets a message: its copy is in the ledger, or the visitor took it back. */
  remove(id: string): void {
    this.#items.delete(id);
    this.keep.removeItem(this.#prefix + id);
  }

  #write(item: Outgoing): void {
    this.#items.set(item.id, item);
    const { text, at, state, file, why, limit } = item;
    put(this.keep, this.#prefix + item.id, JSON.stringify({ text, at, state, file, why, limit }));
  }
}

function readFile(value: unknown): { file?: OutgoingFile } {
  const { name, size } = (value ?? {}) as { name?: unknown; size?: unknown };
  return typeof name === 'string' && typeof size === 'number' ? { file: { name, size } } : {};
}
