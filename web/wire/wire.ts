import { pauseBefore } from './backoff';

export const PING_EVERY_MS = 25_000;
export const PONG_WITHIN_MS = 10_000;
export const READY_WITHIN_MS = 10_000;
export const STABLE_AFTER_MS = 60_000;

export const CLOSE_POLICY = 1008;
export const CLOSE_TRY_LATER = 1013;
export const CLOSE_TOKEN = 4001;

export type Frame = { type: string } & Record<string, unknown>;
export type WireState = 'idle' | 'connecting' | 'ready' | 'waiting' | 'stopped';

/** Thrown by `credential` when asking again cannot help; the wire stops and tells the code. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** Thrown by `credential` when the server says how long to wait. */
export class TryLater extends Error {
  constructor(readonly seconds: number) {
    super(`try again in ${seconds} s`);
  }
}

export interface WireOptions {
  open: () => WebSocket;
  /** The token to show. Called with the one that was just refused, or null. */
  credential: (refused: string | null) => Promise<string>;
  onReady: (ready: Frame) => void;
  onFrame: (frame: Frame) => void;
  onState: (state: WireState, why?: string) => void;
  random?: () => number;
}

/**
 * One authenticated WebSocket that comes back by itself. It shows its token in the first frame, pings every
 * 25 s, and reconnects with a growing random pause. Close code 4001 asks for a new token, 1008 ends it.
 */
export class Wire {
  state: WireState = 'idle';
  #socket: WebSocket | null = null;
  #token: string | null = null;
  #refusedToken: string | null = null;
  #attempt = 0;
  #generation = 0;
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly options: WireOptions) {}

  /** Connects, or cuts a pause short. Does nothing while connecting, ready or stopped. */
  wake(): void {
    if (this.state === 'idle' || this.state === 'waiting') void this.#connect();
  }

  /** Asks whether the connection still lives: after sleep a dead socket looks open. */
  probe(): void {
    if (this.state === 'ready') this.#ping();
    else this.wake();
  }

  /** Sends when ready; false means that nothing left and the caller keeps it. */
  send(frame: Frame): boolean {
    if (this.state !== 'ready' || !this.#socket) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close(): void {
    this.#drop();
    this.#enter('idle');
  }

  async #connect(): Promise<void> {
    const generation = this.#drop();
    this.#enter('connecting');
    try {
      const token = await this.options.credential(this.#refusedToken);
      if (generation !== this.#generation) return;
      this.#token = token;
      this.#refusedToken = null;
      this.#listen(this.options.open(), generation);
    } catch (problem) {
      if (generation !== this.#generation) return;
      if (problem instanceof Refused) this.#stop(problem.code);
      else this.#pause(problem instanceof TryLater ? problem.seconds * 1000 : 0);
    }
  }

  #listen(socket: WebSocket, generation: number): void {
    const current = (act: () => void) => () => generation === this.#generation && act();
    this.#socket = socket;
    this.#after('ready', READY_WITHIN_MS, () => this.#lost(0));
    socket.addEventListener(
      'open',
      current(() => socket.send(JSON.stringify({ type: 'auth', token: this.#token }))),
    );
    socket.addEventListener('message', (event: MessageEvent) => {
      if (generation === this.#generation) this.#receive(event.data);
    });
    socket.addEventListener('close', (event: CloseEvent) => {
      if (generation === this.#generation) this.#lost(event.code);
    });
  }

  #receive(data: unknown): void {
    const frame = parse(data);
    if (!frame) return;
    this.#cancel('pong');
    if (frame.type === 'pong') return;
    if (frame.type === 'ping') {
      this.send({ type: 'pong' });
    } else if (frame.type === 'ready') {
      this.#settle(frame);
    } else {
      this.options.onFrame(frame);
    }
  }

  #settle(frame: Frame): void {
    this.#cancel('ready');
    this.#after('stable', STABLE_AFTER_MS, () => (this.#attempt = 0));
    this.#after('ping', PING_EVERY_MS, () => this.#ping());
    this.#enter('ready');
    this.options.onReady(frame);
  }

  #ping(): void {
    this.#after('pong', PONG_WITHIN_MS, () => this.#lost(0));
    this.#after('ping', PING_EVERY_MS, () => this.#ping());
    this.send({ type: 'ping' });
  }

  #lost(code: number): void {
    const token = this.#token;
    this.#drop();
    if (code === CLOSE_POLICY) return this.#stop('policy');
    if (code === CLOSE_TOKEN) this.#refusedToken = token;
    this.#pause(code === CLOSE_TRY_LATER ? 5_000 : 0, code === CLOSE_TOKEN && this.#attempt === 0);
  }

  #pause(atLeastMs: number, atOnce = false): void {
    this.#enter('waiting');
    this.#attempt += 1;
    const pause = atOnce ? 0 : Math.max(atLeastMs, pauseBefore(this.#attempt, this.options.random));
    this.#after('retry', pause, () => this.wake());
  }

  #stop(why: string): void {
    this.#drop();
    this.#enter('stopped', why);
  }

  /** Forgets the socket and all timers; whatever they still report belongs to an older generation. */
  #drop(): number {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    const socket = this.#socket;
    this.#socket = null;
    this.#generation += 1;
    socket?.close();
    return this.#generation;
  }

  #after(name: string, milliseconds: number, act: () => void): void {
    this.#cancel(name);
    this.#timers.set(name, setTimeout(act, milliseconds));
  }

  #cancel(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #enter(state: WireState, why?: string): void {
    this.state = state;
    this.options.onState(state, why);
  }
}

function parse(data: unknown): Frame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    if (typeof frame === 'object' && frame !== null && 'type' in frame && typeof frame.type === 'string') {
      return frame as Frame;
    }
  } catch {
    // Not JSON: a frame of a later protocol or noise; either way nothing to act on.
  }
  return null;
}
