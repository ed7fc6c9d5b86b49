import type { Message, SentFile } from './protocol';

/** The messages of one thread, each number once, in order. */
export class Ledger {
  #byNumber = new Map<number, Message>();

  /** False when that number was already here. */
  add(message: Message): boolean {
    if (this.#byNumber.has(message.n)) return false;
    this.#byNumber.set(message.n, message);
    return true;
  }

  /** What is known of the files of a message by now. */
  renew(n: number, files: SentFile[]): void {
    const known = this.#byNumber.get(n);
    if (known) this.#byNumber.set(n, { ...known, files });
  }

  list(): Message[] {
    return [...this.#byNumber.values()].toSorted((one, other) => one.n - other.n);
  }

  get first(): number {
    return Math.min(...this.#byNumber.keys());
  }

  get last(): number {
    return Math.max(0, ...this.#byNumber.keys());
  }

  clear(): void {
    this.#byNumber.clear();
  }
}
