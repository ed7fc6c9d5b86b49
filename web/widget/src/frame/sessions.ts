import { Refused, TryLater } from '../../../wire/wire';
import { put, readJson, type Keep } from './keep';
import type { Session, Tenant } from './protocol';

const RENEW_BEFORE_END_MS = 30_000;
// What the page says of who its visitor is cannot be believed.
const UNAUTHENTICATED = 401;

/** Who chats where. `user`: whom the page around us says its visitor is; then it vouches for each session. */
export interface Place {
  slug: string;
  user: string | null;
}

/** What is kept of one organisation, apart for everybody who signs in at the page in this browser. */
export function keyOf({ slug, user }: Place, what: string): string {
  return user ? `lumi.${slug}.user.${encodeURIComponent(user)}.${what}` : `lumi.${slug}.${what}`;
}

/** The visitor's token: stored, reused while it lasts, renewed by one POST. */
export class Sessions {
  #current: { token: string; until: number } | null = null;
  readonly #key: string;

  constructor(
    private readonly place: Place,
    private readonly keep: Keep,
    private readonly onSession: (session: Session) => void,
    private readonly voucher: () => Promise<string> = () => Promise.reject(new Error('nobody vouches')),
  ) {
    this.#key = keyOf(place, 'session');
  }

  /** What the last visit knew of the organisation: the page can be drawn before the server answers. */
  rememberedTenant(): Tenant | null {
    const tenant = readJson(this.keep, this.#key)?.tenant;
    return isTenant(tenant) ? tenant : null;
  }

  /**
   * A token to connect with. A refused token is offered once more for renewal, so that the visitor stays the
   * same person; when the server does not know it any more either, a new visitor begins. Somebody the page
   * vouches for is the same person by that alone, and nothing of theirs is left behind in this browser.
   */
  async token(refused: string | null): Promise<string> {
    if (!refused && this.#current && Date.now() < this.#current.until) return this.#current.token;
    const session = this.place.user === null ? await this.#resumed() : await this.#vouched();
    this.#current = {
      token: session.token,
      until: Date.now() + session.expires_in * 1000 - RENEW_BEFORE_END_MS,
    };
    const token = this.place.user === null ? session.token : null;
    put(this.keep, this.#key, JSON.stringify({ token, tenant: session.tenant }));
    this.onSession(session);
    return session.token;
  }

  async #resumed(): Promise<Session> {
    const stored = readJson(this.keep, this.#key)?.token;
    const known = this.#current?.token ?? (typeof stored === 'string' ? stored : null);
    const session = (known && (await this.#start({ token: known }))) || (await this.#start({}));
    if (!session) throw new Refused('session');
    return session;
  }

  async #vouched(): Promise<Session> {
    const session = await this.#start({ identity: await this.voucher() });
    if (!session) throw new Refused('identity_refused');
    return session;
  }

  /** Null when what was offered is not accepted. */
  async #start(body: { token?: string; identity?: string }): Promise<Session | null> {
    const response = await fetch(`/v1/widget/${encodeURIComponent(this.place.slug)}/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
    });
    if (response.ok) return (await response.json()) as Session;
    if (response.status === 404) throw new Refused('unknown_organisation');
    if (response.status === 403) throw new Refused('origin_refused');
    if (response.status === 429) throw new TryLater(Number(response.headers.get('Retry-After')) || 10);
    if (body.identity && response.status === UNAUTHENTICATED) return null;
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
