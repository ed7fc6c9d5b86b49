import { newUuid } from '../../../wire/uuid';
import { put, readJson, type Keep } from './keep';
import { keyOf, type Place } from './sessions';

export interface Outgoing {
  id: string;
  text: string;
  at: number;
  /** `held_back` while the server asks for a pause; `stored` from the acknowledgement to the numbered copy. */
  state: 'queued' | 'held_back' | 'refused' | 'stored';
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
    this.#items.set(id, { id, text: item.text, at: item.at, state });
  }

  /** All of them, oldest first. */
  list(): Outgoing[] {
    return [...this.#items.values()].toSorted((one, other) => one.at - other.at);
  }

  add(text: string, now: number = Date.now()): Outgoing {
    const latest = Math.max(0, ...[...this.#items.values()].map((item) => item.at));
    const item: Outgoing = { id: newUuid(), text, at: Math.max(now, latest + 1), state: 'queued' };
    this.#write(item);
    return item;
  }

  find(id: string): Outgoing | undefined {
    return this.#items.get(id);
  }

  mark(id: string, state: Outgoing['state']): void {
    const item = this.#items.get(id);
    if (item) this.#write({ ...item, state });
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
    put(
      this.keep,
      this.#prefix + item.id,
      JSON.stringify({ text: item.text, at: item.at, state: item.state }),
    );
  }
}
