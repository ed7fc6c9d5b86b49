import { Refused, TryLater } from '../../../wire/wire';
import { put, readJson, type Keep } from './keep';
import type { Session, Tenant } from './protocol';

const RENEW_BEFORE_END_MS = 30_000;

/** The visitor's token: stored, reused while it lasts, renewed by one POST. */
export class Sessions {
  #current: { token: string; until: number } | null = null;

  constructor(
    private readonly slug: string,
    private readonly keep: Keep,
    private readonly onSession: (session: Session) => void,
  ) {}

  get #key(): string {
    return `lumi.${this.slug}.session`;
  }

  /** What the last visit knew of the organisation: the page can be drawn before the server answers. */
  rememberedTenant(): Tenant | null {
    const tenant = readJson(this.keep, this.#key)?.tenant;
    return isTenant(tenant) ? tenant : null;
  }

  /**
   * A token to connect with. A refused token is offered once more for renewal, so that the visitor stays the
   * same person; when the server does not know it any more either, a new visitor begins.
   */
  async token(refused: string | null): Promise<string> {
    if (!refused && this.#current && Date.now() < this.#current.until) return this.#current.token;
    const stored = readJson(this.keep, this.#key)?.token;
    const known = this.#current?.token ?? (typeof stored === 'string' ? stored : null);
    const session = (known && (await this.#start({ token: known }))) || (await this.#start({}));
    if (!session) throw new Refused('session');
    this.#current = {
      token: session.token,
      until: Date.now() + session.expires_in * 1000 - RENEW_BEFORE_END_MS,
    };
    put(this.keep, this.#key, JSON.stringify({ token: session.token, tenant: session.tenant }));
    this.onSession(session);
    return session.token;
  }

  /** Null when the offered token is not accepted any more. */
  async #start(body: { token?: string }): Promise<Session | null> {
    const response = await fetch(`/v1/widget/${encodeURIComponent(this.slug)}/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
    });
    if (response.ok) return (await response.json()) as Session;
    if (response.status === 404) throw new Refused('unknown_organisation');
    if (response.status === 403) throw new Refused('origin_refused');
    if (response.status === 429) throw new TryLater(Number(response.headers.get('Retry-After')) || 10);
    if (body.token && response.status < 500) return null;
    throw new Error(`session: ${response.status}`);
  }
}

function isTenant(value: unknown): value is Tenant {
  if (typeof value !== 'object' || value === null) return false;
  const tenant = value as Partial<Tenant>;
  return (
    typeof tenant.name === 'string' && Array.isArray(tenant.languages) && typeof tenant.colour === 'string'
  );
}
