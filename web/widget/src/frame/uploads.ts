import { pauseBefore } from '../../../wire/backoff';
import type { Outbox, Outgoing } from './outbox';
import type { Shelf } from './shelf';

/** What became of one try. */
export type Outcome =
  | { kind: 'sent' }
  | { kind: 'refused'; code: string; limit?: number }
  | { kind: 'stranger' }
  | { kind: 'later'; seconds: number | null };

export interface Post {
  (item: Outgoing, file: Blob, token: string, signal: AbortSignal): Promise<Outcome>;
}

/** After so many failures in a row, while the line is up, the visitor is told and asked what to do. */
export const MOST_FAILURES = 8;
/** How long one try may take: a line that died in silence is given up, a slow one is not. */
const PATIENCE_MS = 30_000;
const LEAST_BYTES_A_MS = 32;
/** Another tab may have shown a message whose file it is still laying down. */
const LAID_WITHIN_MS = 10_000;
const NO_ROOM = 507;

export interface UploadsView {
  /** Whether the line is up: whatever waits is sent when it is back. */
  isReady: () => boolean;
  sent: (id: string) => void;
  /** A file is out of the way, or has waited long enough: what is next may go. */
  goOn: () => void;
}

/** Files on their way to the server, one at a time: each until it is taken or refused. */
export class Uploads {
  #laid = new Map<string, Promise<void>>();
  #underWay: { id: string; trying: AbortController } | null = null;
  #failures = new Map<string, number>();
  #pauses = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly outbox: Outbox,
    private readonly shelf: Shelf,
    private readonly view: UploadsView,
    private readonly token: (refused: string | null) => Promise<string>,
    private readonly post: Post = postFile,
  ) {
    void shelf.sweep((key) => outbox.isWaited(key));
  }

  /** Lays a file down beside its message, which waits for that; what does not outlive the page is marked so. */
  keep(item: Outgoing, file: Blob): Promise<void> {
    const laid = this.#lay(item.id, file).finally(() => this.#laid.delete(item.id));
    this.#laid.set(item.id, laid);
    return laid;
  }

  forget(id: string): void {
    if (this.#underWay?.id === id) this.#underWay.trying.abort();
    this.#endPause(id);
    this.#failures.delete(id);
    void this.shelf.remove(this.outbox.keyOf(id));
  }

  /** Whether it failed a moment ago and is left alone for a while. */
  isPaused(id: string): boolean {
    return this.#pauses.has(id);
  }

  /** Sends this one, unless one is on its way: whoever asks is told when the next may go. */
  send(item: Outgoing): void {
    if (!this.#underWay) void this.#send(item);
  }

  /** The line is down: what is on its way may never arrive, and is sent again under the same id. */
  interrupt(): void {
    this.#underWay?.trying.abort();
    for (const id of this.#pauses.keys()) this.#endPause(id);
  }

  async #lay(id: string, file: Blob): Promise<void> {
    const key = this.outbox.keyOf(id);
    const outlives = await this.shelf.put(key, file);
    if (!outlives || !this.outbox.isWaited(key)) this.outbox.note(id, { fleeting: true });
  }

  async #send(item: Outgoing): Promise<void> {
    const trying = new AbortController();
    this.#underWay = { id: item.id, trying };
    let limit: ReturnType<typeof setTimeout> | undefined;
    try {
      await this.#laid.get(item.id);
      const file = await this.shelf.get(this.outbox.keyOf(item.id));
      if (!file) return this.#miss(item);
      limit = setTimeout(() => trying.abort(), PATIENCE_MS + file.size / LEAST_BYTES_A_MS);
      this.#settle(item.id, await this.#try(item, file, trying.signal));
    } catch {
      this.#settle(item.id, { kind: 'later', seconds: null }); // no token, no network
    } finally {
      clearTimeout(limit);
      this.#underWay = null;
      this.view.goOn();
    }
  }

  async #try(item: Outgoing, file: Blob, signal: AbortSignal): Promise<Outcome> {
    const token = await this.token(null);
    const outcome = await this.post(item, file, token, signal);
    return outcome.kind === 'stranger' ? this.post(item, file, await this.token(token), signal) : outcome;
  }

  #miss(item: Outgoing): void {
    const left = item.at + LAID_WITHIN_MS - Date.now();
    if (left > 0) this.#pause(item.id, left);
    else this.outbox.mark(item.id, 'lost');
  }

  #settle(id: string, outcome: Outcome): void {
    if (!this.outbox.find(id)) return; // the ledger has it
    if (outcome.kind === 'sent') {
      this.forget(id);
      this.view.sent(id);
    } else if (outcome.kind === 'refused') {
      this.#refuse(id, outcome.code, outcome.limit);
    } else {
      this.#later(id, outcome.kind === 'later' ? outcome.seconds : null);
    }
  }

  #refuse(id: string, why: string, limit?: number): void {
    this.#failures.delete(id);
    this.outbox.note(id, { state: 'refused', why, ...(limit === undefined ? {} : { limit }) });
  }

  /** A pause the server asks for is no failure, nor is a line that is down. */
  #later(id: string, seconds: number | null): void {
    if (!this.view.isReady()) return void this.#failures.delete(id);
    const failures = (this.#failures.get(id) ?? 0) + (seconds === null ? 1 : 0);
    if (failures >= MOST_FAILURES) return this.#refuse(id, 'unreachable');
    this.#failures.set(id, failures);
    if (seconds !== null) this.outbox.mark(id, 'held_back');
    this.#pause(id, seconds === null ? pauseBefore(failures) : seconds * 1000);
  }

  #pause(id: string, milliseconds: number): void {
    this.#endPause(id);
    const over = () => {
      this.#pauses.delete(id);
      this.view.goOn();
    };
    this.#pauses.set(id, setTimeout(over, milliseconds));
  }

  #endPause(id: string): void {
    clearTimeout(this.#pauses.get(id));
    this.#pauses.delete(id);
  }
}

/** One request; its outcome is unknown when it breaks off, and the same id may be sent again. */
export async function postFile(
  item: Outgoing,
  file: Blob,
  token: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const body = new FormData();
  if (item.text) body.set('text', item.text); // before the file: what follows it is not read
  body.set('file', file, item.file?.name ?? 'file');
  const answer = await fetch('/v1/widget/files', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Idempotency-Key': item.id },
    body,
    credentials: 'omit',
    signal,
  });
  if (answer.status === 201) return { kind: 'sent' };
  if (answer.status === 401) return { kind: 'stranger' };
  if (answer.status === 429)
    return { kind: 'later', seconds: Number(answer.headers.get('Retry-After')) || 10 };
  if (answer.status >= 500 && answer.status !== NO_ROOM) return { kind: 'later', seconds: null };
  return refusal(await answer.json().catch(() => null));
}

function refusal(problem: unknown): Outcome {
  const { code, limit_bytes: limit } = (problem ?? {}) as { code?: unknown; limit_bytes?: unknown };
  return {
    kind: 'refused',
    code: typeof code === 'string' ? code : 'refused',
    ...(typeof limit === 'number' ? { limit } : {}),
  };
}
