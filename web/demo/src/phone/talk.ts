import { pauseBefore } from '../../../wire/backoff';

export interface PhoneMessage {
  seq: number;
  /** `in` from the person to the organisation, `out` back to the phone. */
  direction: 'in' | 'out';
  text: string;
  status: string | null;
  at: string;
}

interface Batch {
  items: PhoneMessage[];
  last: number;
}

const LONG_POLL_SECONDS = 20;
const RECHECK_EVERY_MS = 1_500;
/** A tick that has not moved for this long is not waited for any more. */
const RECHECK_FOR_MS = 60_000;
const FINAL = new Set(['read', 'failed', 'played']);

export interface TalkView {
  changed: (messages: PhoneMessage[]) => void;
  connected: (yes: boolean) => void;
}

/** One person's thread with one organisation: long-polls for what is new, looks again while ticks may change. */
export class Talk {
  #messages = new Map<number, PhoneMessage>();
  #stopped = new AbortController();

  constructor(
    private readonly slug: string,
    private readonly peer: string,
    private readonly view: TalkView,
  ) {}

  start(): void {
    void this.#follow();
    void this.#recheck();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async send(name: string, text: string): Promise<void> {
    const response = await fetch('/demo/phone/messages', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ slug: this.slug, from: this.peer, name, text }),
    });
    if (!response.ok) throw new Error(`phone: ${response.status}`);
  }

  async #follow(): Promise<void> {
    let attempt = 0;
    while (!this.#stopped.signal.aborted) {
      try {
        this.#take(
          await this.#ask(Math.max(0, ...this.#messages.keys()), attempt === 0 ? LONG_POLL_SECONDS : 0),
        );
        attempt = 0;
        this.view.connected(true);
      } catch {
        if (this.#stopped.signal.aborted) return;
        attempt += 1;
        this.view.connected(false);
        await pause(pauseBefore(attempt));
      }
    }
  }

  async #recheck(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await pause(RECHECK_EVERY_MS);
      const open = [...this.#messages.values()].filter(isOpen);
      if (open.length === 0 || this.#stopped.signal.aborted) continue;
      await this.#ask(Math.min(...open.map((message) => message.seq)) - 1, 0)
        .then((batch) => this.#take(batch))
        .catch(() => undefined); // The long poll reports a lost connection; ticks can wait for it.
    }
  }

  async #ask(after: number, wait: number): Promise<Batch> {
    const query = new URLSearchParams({
      slug: this.slug,
      peer: this.peer,
      after: String(after),
      wait: String(wait),
    });
    const response = await fetch(`/demo/phone/messages?${query}`, { signal: this.#stopped.signal });
    if (!response.ok) throw new Error(`phone: ${response.status}`);
    return (await response.json()) as Batch;
  }

  #take(batch: Batch): void {
    if (this.#stopped.signal.aborted) return;
    if (batch.last < Math.max(0, ...this.#messages.keys())) this.#messages.clear();
    for (const message of batch.items) this.#messages.set(message.seq, message);
    this.view.changed([...this.#messages.values()].toSorted((one, other) => one.seq - other.seq));
  }
}

function isOpen(message: PhoneMessage): boolean {
  if (message.direction === 'out' || FINAL.has(message.status ?? '')) return false;
  return Date.now() - Date.parse(message.at) < RECHECK_FOR_MS;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
