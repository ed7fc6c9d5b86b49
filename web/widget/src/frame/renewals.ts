import type { Ledger } from './ledger';
import type { Message, SentFile } from './protocol';

export const BEFORE_END_MS = 60_000;
export const CHECKED_SOON_MS = 5_000;
export const CHECKED_LATE_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** When to ask again about a file: before its address ends, or while somebody still looks at it. */
export function dueAt(message: Message, file: SentFile): number {
  if (file.url !== null) return file.until - BEFORE_END_MS;
  if (file.state !== 'waiting') return Infinity;
  const isYoung = file.seen - Date.parse(message.at) < CHECKED_LATE_MS;
  return file.seen + (isYoung ? CHECKED_SOON_MS : CHECKED_LATE_MS);
}

/** Addresses of files end after some hours: this asks for fresh ones in time, however long a page stays open. */
export class Renewals {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly ask: (n: number) => void,
  ) {}

  /** Looks again when the first of them is due, but not sooner than after this pause. */
  plan(atLeast: number = CHECKED_SOON_MS): void {
    const first = Math.min(...this.ledger.list().map(firstDue));
    clearTimeout(this.#timer);
    if (first === Infinity) return;
    const pause = Math.min(Math.max(first - Date.now(), atLeast), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.renew(), pause);
  }

  /** Asks about all that are due now; what is not answered is asked again in a minute. */
  renew(): void {
    const now = Date.now();
    for (const message of this.ledger.list()) if (firstDue(message) <= now) this.ask(message.n);
    this.plan(CHECKED_LATE_MS);
  }
}

function firstDue(message: Message): number {
  return Math.min(...message.files.map((file) => dueAt(message, file)));
}
