import { Wire, type Frame, type WireOptions, type WireState } from '../../../wire/wire';
import { Ledger } from './ledger';
import type { Outbox, Outgoing } from './outbox';
import { readFiles, readMessage, type Message } from './protocol';
import { Renewals } from './renewals';
import type { Shelf } from './shelf';
import { Uploads, type Post } from './uploads';

export const TEXT_LIMIT = 4_000;
/** Longest stretch of history asked for at once; older messages come on demand. */
export const HISTORY_STRETCH = 100;
export const RESEND_AFTER_MS = 10_000;
const TYPING_AT_MOST_MS = 30_000;

export interface ChatView {
  /** Messages, queue or state changed: draw again. */
  changed: () => void;
  /** A message that was not here before came in while connected, as opposed to history being read. */
  arrived: (message: Message) => void;
}

/** Length as the server counts it: in characters, not in UTF-16 units. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** The chat without its looks: connection, ledger and the queue of what is not acknowledged yet. */
export class Chat {
  readonly ledger = new Ledger();
  readonly wire: Wire;
  state: WireState = 'idle';
  why = '';
  held = false;
  typing = false;
  /** True from a connection until all that was missed has been read. */
  catchingUp = true;
  readonly #uploads: Uploads;
  #renewals = new Renewals(this.ledger, (n) => this.renew(n));
  #thread: string | null = null;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #resends = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    readonly outbox: Outbox,
    private readonly view: ChatView,
    wire: Pick<WireOptions, 'open' | 'credential' | 'random'>,
    shelf: Shelf,
    post?: Post,
  ) {
    const uploading = {
      isReady: () => this.state === 'ready',
      sent: (id: string) => this.#taken(id),
      goOn: () => {
        this.#flush();
        view.changed();
      },
    };
    this.#uploads = new Uploads(outbox, shelf, uploading, wire.credential, post);
    this.wire = new Wire({
      ...wire,
      onReady: (frame) => this.#begin(frame),
      onFrame: (frame) => this.#receive(frame),
      onState: (state, why) => this.#follow(state, why),
    });
  }

  get hasEarlier(): boolean {
    return this.ledger.last > 0 && this.ledger.first > 1;
  }

  /** What the visitor wrote and the ledger does not show yet. */
  pending(): Outgoing[] {
    const stored = new Set(this.ledger.list().map((message) => message.client_id));
    return this.outbox.list().filter((item) => !stored.has(item.id));
  }

  /** Another thread than before starts with an empty page. */
  useThread(thread: string | null): void {
    if (thread && this.#thread && thread !== this.#thread) this.ledger.clear();
    this.#thread = thread ?? this.#thread;
  }

  say(text: string): void {
    this.outbox.add(text.replaceAll('\0', ''));
    this.#flush();
    this.view.changed();
  }

  /** Sends files, the words beside the first of them; resolves when all are laid down here. */
  async sayWith(text: string, files: File[]): Promise<void> {
    const laid = files.map((file, at) => {
      const { name, size } = file;
      const item = this.outbox.add(at === 0 ? text.replaceAll('\0', '') : '', { name, size });
      return this.#uploads.keep(item, file);
    });
    this.#flush();
    this.view.changed();
    await Promise.all(laid);
    this.view.changed();
  }

  sayAgain(id: string): void {
    this.outbox.mark(id, 'queued');
    this.#flush();
    this.view.changed();
  }

  takeBack(id: string): void {
    this.#forget(id);
    this.#flush();
    this.view.changed();
  }

  showEarlier(): void {
    this.catchingUp = true;
    this.wire.send({ type: 'resume', after: Math.max(0, this.ledger.first - 1 - HISTORY_STRETCH) });
  }

  /** Asks what is known of the files of a message by now, and for fresh addresses of them. */
  renew(n: number): void {
    this.wire.send({ type: 'files', n });
  }

  #begin(ready: Frame): void {
    const last = typeof ready.last === 'number' ? ready.last : 0;
    if (last < this.ledger.last) this.ledger.clear();
    this.held = ready.held === true;
    this.catchingUp = true;
    const after = this.ledger.last || Math.max(0, last - HISTORY_STRETCH);
    this.wire.send({ type: 'resume', after });
    this.#renewals.renew();
    this.outbox.load();
    this.#flush();
    this.view.changed();
  }

  #receive(frame: Frame): void {
    if (frame.type === 'message') this.#store(frame);
    else if (frame.type === 'files') this.#know(frame);
    else if (frame.type === 'ack') this.#acknowledge(String(frame.id));
    else if (frame.type === 'refused') this.#refuse(String(frame.id), frame.retry_after);
    else if (frame.type === 'typing') this.#showTyping(frame.on === true);
    else if (frame.type === 'state') this.held = frame.held === true;
    else if (frame.type === 'resumed') this.catchingUp = false;
    else if (frame.type === 'resync') this.wire.send({ type: 'resume', after: this.ledger.last });
    else return;
    this.view.changed();
  }

  #store(frame: Frame): void {
    const message = readMessage(frame);
    if (!message) return;
    if (message.client_id) this.#forget(message.client_id);
    if (message.author !== 'contact') this.#showTyping(false);
    if (this.ledger.add(message) && !this.catchingUp) this.view.arrived(message);
    if (message.files.length > 0) this.#renewals.plan();
  }

  #know(frame: Frame): void {
    if (typeof frame.n === 'number') this.ledger.renew(frame.n, readFiles(frame));
    this.#renewals.plan();
  }

  /** A file has arrived: with it a conversation may have begun that this page has not seen. */
  #taken(id: string): void {
    this.#acknowledge(id);
    this.wire.send({ type: 'resume', after: this.ledger.last });
  }

  #acknowledge(id: string): void {
    this.#stopResending(id);
    this.outbox.acknowledge(id);
  }

  #refuse(id: string, retryAfter: unknown): void {
    this.#stopResending(id);
    if (typeof retryAfter !== 'number') return this.outbox.mark(id, 'refused');
    this.outbox.mark(id, 'held_back');
    this.#resendAfter(id, retryAfter * 1000);
  }

  /** Sends what waits, oldest first: what was written after a file leaves when the file has arrived. */
  #flush(): void {
    for (const item of this.outbox.list()) {
      if (!isToBeSent(item) || this.#resends.has(item.id) || this.#uploads.isPaused(item.id)) continue;
      if (!item.file) this.#transmit(item);
      else if (this.state === 'ready') return this.#uploads.send(item);
    }
  }

  #transmitAgain(id: string): void {
    const item = this.outbox.find(id);
    if (item && isToBeSent(item)) this.#transmit(item);
  }

  #transmit(item: Outgoing): void {
    if (this.wire.send({ type: 'message', id: item.id, text: item.text })) {
      this.#resendAfter(item.id, RESEND_AFTER_MS);
    }
  }

  #resendAfter(id: string, milliseconds: number): void {
    this.#stopResending(id);
    this.#resends.set(
      id,
      setTimeout(() => this.#transmitAgain(id), milliseconds),
    );
  }

  #stopResending(id: string): void {
    clearTimeout(this.#resends.get(id));
    this.#resends.delete(id);
  }

  #forget(id: string): void {
    this.#stopResending(id);
    if (this.outbox.find(id)?.file) this.#uploads.forget(id);
    this.outbox.remove(id);
  }

  #showTyping(on: boolean): void {
    clearTimeout(this.#typingEnds);
    this.typing = on;
    if (!on) return;
    this.#typingEnds = setTimeout(() => {
      this.typing = false;
      this.view.changed();
    }, TYPING_AT_MOST_MS);
  }

  #follow(state: WireState, why = ''): void {
    this.state = state;
    this.why = why;
    if (state !== 'ready') {
      this.#showTyping(false);
      for (const id of this.#resends.keys()) this.#stopResending(id);
      this.#uploads.interrupt();
    }
    this.view.changed();
  }
}

function isToBeSent(item: Outgoing): boolean {
  return item.state === 'queued' || item.state === 'held_back';
}
