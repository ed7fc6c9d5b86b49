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
  (item: Outgoing, file: Blob, token: string): Promise<Outcome>;
}

/** After so many failures in a row, while the line is up, the visitor is told and asked what to do. */
export const MOST_FAILURES = 8;

export interface UploadsView {
  /** Whether the line is up: whatever waits is sent when it is back. */
  isReady: () => boolean;
  changed: () => void;
  sent: (id: string) => void;
}

/** Files on their way to the server: each until it is taken or refused, never two tries of one at once. */
export class Uploads {
  #busy = new Set<string>();
  #failures = new Map<string, number>();
  #retries = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly outbox: Outbox,
    private readonly shelf: Shelf,
    private readonly view: UploadsView,
    private readonly token: (refused: string | null) => Promise<string>,
    private readonly post: Post = postFile,
  ) {
    void shelf.sweep((key) => outbox.isWaited(key));
  }

  /** Lays a file down beside its message; what does not outlive the page is marked so. */
  async keep(item: Outgoing, file: Blob): Promise<void> {
    if (!(await this.shelf.put(this.outbox.keyOf(item.id), file)))
      this.outbox.note(item.id, { fleeting: true });
  }

  forget(id: string): void {
    clearTimeout(this.#retries.get(id));
    this.#failures.delete(id);
    void this.shelf.remove(this.outbox.keyOf(id));
  }

  async send(item: Outgoing): Promise<void> {
    if (this.#busy.has(item.id)) return;
    this.#busy.add(item.id);
    clearTimeout(this.#retries.get(item.id));
    try {
      const file = await this.shelf.get(this.outbox.keyOf(item.id));
      if (file) this.#settle(item.id, await this.#try(item, file));
      else this.outbox.mark(item.id, 'lost');
    } catch {
      this.#settle(item.id, { kind: 'later', seconds: null }); // no token, no network
    } finally {
      this.#busy.delete(item.id);
      this.view.changed();
    }
  }

  async #try(item: Outgoing, file: Blob): Promise<Outcome> {
    const token = await this.token(null);
    const outcome = await this.post(item, file, token);
    return outcome.kind === 'stranger' ? this.post(item, file, await this.token(token)) : outcome;
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
    const pause = seconds === null ? pauseBefore(failures) : seconds * 1000;
    this.#retries.set(
      id,
      setTimeout(() => {
        const item = this.outbox.find(id);
        if (item) void this.send(item);
      }, pause),
    );
  }
}

/** One request; its outcome is unknown when it breaks off, and the same id may be sent again. */
export async function postFile(item: Outgoing, file: Blob, token: string): Promise<Outcome> {
  const body = new FormData();
  if (item.text) body.set('text', item.text); // before the file: what follows it is not read
  body.set('file', file, item.file?.name ?? 'file');
  const answer = await fetch('/v1/widget/files', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Idempotency-Key': item.id },
    body,
    credentials: 'omit',
  });
  if (answer.status === 201) return { kind: 'sent' };
  if (answer.status === 401) return { kind: 'stranger' };
  if (answer.status === 429)
    return { kind: 'later', seconds: Number(answer.headers.get('Retry-After')) || 10 };
  if (answer.status >= 500) return { kind: 'later', seconds: null };
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
