import createClient from 'openapi-fetch';
import { Problem, unwrap } from '../../api/problem';
import type { components, paths } from '../../api/schema';

export type Granted = components['schemas']['SignedInRead'];
export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'out'; hasEnded: boolean }
  | { kind: 'unreachable'; problem: unknown }
  | { kind: 'in'; granted: Granted };

const RENEW_BEFORE_END_MS = 20_000;
const LOCK = 'lumi.console.refresh';

export interface SessionApi {
  signIn: (body: components['schemas']['SignIn']) => Promise<Granted>;
  refresh: () => Promise<Granted>;
  signOut: (token: string) => Promise<unknown>;
}

/**
 * Who is signed in. The access token lives in memory only; the refresh token is a cookie no script can read.
 * Refreshing is done by one call at a time, over all tabs: a refresh token is good for one use.
 */
export class Session {
  state: SessionState = { kind: 'unknown' };
  #until = 0;
  #renewal: Promise<string | null> | null = null;
  #listeners = new Set<() => void>();

  constructor(private readonly api: SessionApi) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): SessionState => this.state;

  /** Tries the cookie of an earlier visit. */
  async resume(): Promise<void> {
    this.#enter({ kind: 'unknown' });
    await this.renew(null).catch((problem: unknown) => this.#enter({ kind: 'unreachable', problem }));
  }

  async signIn(email: string, password: string, tenant?: string): Promise<void> {
    const chosen = tenant ? { tenant } : {};
    this.#grant(await this.api.signIn({ email, password, keep: 'cookie', ...chosen }));
  }

  async signOut(): Promise<void> {
    const token = await this.token();
    if (token) await this.api.signOut(token);
    this.#enter({ kind: 'out', hasEnded: false });
  }

  /** The access token, renewed when it is about to end; null when nobody is signed in. */
  async token(): Promise<string | null> {
    if (this.state.kind !== 'in') return null;
    const { access_token } = this.state.granted;
    return Date.now() < this.#until ? access_token : this.renew(access_token);
  }

  /** A token other than the stale one, or null when the session is over. Throws when Lumi does not answer. */
  renew(stale: string | null): Promise<string | null> {
    if (this.state.kind === 'in' && this.state.granted.access_token !== stale) {
      return Promise.resolve(this.state.granted.access_token);
    }
    this.#renewal ??= this.#refresh().finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  async #refresh(): Promise<string | null> {
    const hadSession = this.state.kind === 'in';
    try {
      const granted = await alone(() => this.api.refresh());
      this.#grant(granted);
      return granted.access_token;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status === 0 || problem.status >= 429) throw problem;
      this.#enter({ kind: 'out', hasEnded: hadSession });
      return null;
    }
  }

  #grant(granted: Granted): void {
    this.#until = Date.now() + granted.expires_in * 1000 - RENEW_BEFORE_END_MS;
    this.#enter({ kind: 'in', granted });
  }

  #enter(state: SessionState): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** One tab at a time where the browser has locks (secure pages); elsewhere the server's answer decides. */
async function alone<Value>(act: () => Promise<Value>): Promise<Value> {
  if (typeof navigator === 'undefined' || !navigator.locks) return act();
  return await navigator.locks.request(LOCK, act);
}

function overHttp(): SessionApi {
  const client = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '' });
  return {
    signIn: (body) => unwrap(client.POST('/v1/auth/sign-in', { body })),
    refresh: () => unwrap(client.POST('/v1/auth/refresh', { body: {} })),
    signOut: (token) =>
      unwrap(client.POST('/v1/auth/sign-out', { headers: { Authorization: `Bearer ${token}` } })),
  };
}

export const session = new Session(overHttp());
