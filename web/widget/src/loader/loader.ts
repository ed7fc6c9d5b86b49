import { firstOffered, isLanguage, languageOf, type Language } from '../../../languages/languages';
import { fill } from '../../../languages/texts';
import { brand } from '../../../dom/colour';
import type { FromHost, ToHost } from '../frame/host';
import { LABELS } from './labels';
import { buildPanel } from './panel';
import { userOf, type Vouching } from './vouching';

export interface LoaderSettings {
  /** Where Lumi runs: the origin this script came from. */
  origin: string;
  tenant: string;
  /** Fixed by `data-lang`, else null: then the visitor's browser decides. */
  lang: string | null;
  colour: string | null;
  /** What the page's server signed for its visitor. */
  identity: string | null;
}

/**
 * A button on somebody's page and the chat behind it. The frame is only fetched when it is opened, or when the
 * visitor has talked before and might have an answer waiting.
 */
export class Loader {
  #parts = buildPanel();
  #frame: HTMLIFrameElement | null = null;
  #isOpen = false;
  #isReady = false;
  #unread = 0;
  #name = '';
  #language: Language;
  #scrollBefore = '';
  #vouching: Vouching;
  #user: string | null;

  constructor(private readonly settings: LoaderSettings) {
    this.#vouching = settings.identity;
    this.#user = userOf(settings.identity);
    const page = document.documentElement.lang;
    this.#language =
      languageOf(settings.lang) ?? languageOf(page) ?? firstOffered(navigator.languages) ?? 'en';
    this.#paint(settings.colour ?? this.#remembered('colour'));
    this.#parts.button.addEventListener('click', () => (this.#isOpen ? this.close() : this.open()));
    this.#parts.host.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#isOpen) this.close();
    });
    window.addEventListener('message', (event) => this.#receive(event));
    this.#draw();
    document.body.append(this.#parts.host);
    if (this.#remembered('talked')) this.#load();
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#parts.panel.hidden = false;
    this.#load();
    this.#frame?.focus();
    this.#tell({ lumi: 'opened' });
    this.#remember('talked', '1');
    this.#holdPage();
    this.#draw();
  }

  /** Closes and gives the focus back to the button. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#parts.panel.hidden = true;
    document.documentElement.style.overflow = this.#scrollBefore;
    this.#tell({ lumi: 'closed' });
    this.#draw();
    this.#parts.button.focus();
  }

  /** Somebody signed in at the page, or out: the chat is theirs from now on, and nobody else's. */
  async identify(vouching: Vouching): Promise<void> {
    const voucher = typeof vouching === 'function' ? await vouching() : vouching;
    this.#vouching = vouching;
    const user = userOf(voucher);
    if (user === this.#user) return;
    this.#user = user;
    this.#frame?.remove();
    this.#frame = null;
    this.#isReady = false;
    this.#unread = 0;
    if (this.#isOpen || this.#remembered('talked')) this.#load();
    this.#draw();
  }

  async #vouch(): Promise<void> {
    const voucher = typeof this.#vouching === 'function' ? await this.#vouching() : this.#vouching;
    if (voucher && userOf(voucher) === this.#user) this.#tell({ lumi: 'voucher', voucher });
  }

  /** On a phone the chat covers the page, which must not scroll underneath. */
  #holdPage(): void {
    this.#scrollBefore = document.documentElement.style.overflow;
    if (matchMedia('(max-width: 480px)').matches) document.documentElement.style.overflow = 'hidden';
  }

  #load(): void {
    if (this.#frame) return;
    const { origin, tenant, lang } = this.settings;
    const url = new URL(`/widget/frame/${encodeURIComponent(tenant)}`, origin);
    if (lang) url.searchParams.set('lang', lang);
    if (this.#user) url.hash = new URLSearchParams({ user: this.#user }).toString();
    this.#frame = document.createElement('iframe');
    this.#frame.src = url.href;
    this.#frame.title = LABELS[this.#language].title;
    this.#frame.addEventListener('load', () => {
      this.#isReady = true;
      this.#tell({ lumi: 'hello', open: this.#isOpen });
    });
    this.#parts.panel.append(this.#frame);
  }

  #tell(news: FromHost): void {
    if (this.#isReady) this.#frame?.contentWindow?.postMessage(news, this.settings.origin);
  }

  #receive(event: MessageEvent): void {
    if (event.origin !== this.settings.origin || event.source !== this.#frame?.contentWindow) return;
    const news = event.data as Partial<ToHost> | null;
    if (news?.lumi === 'close') this.close();
    else if (news?.lumi === 'unread') this.#unread = Number(news.count) || 0;
    else if (news?.lumi === 'who') void this.#vouch();
    else if (news?.lumi === 'ready') this.#meet(news);
    this.#draw();
  }

  #meet(news: Partial<Extract<ToHost, { lumi: 'ready' }>>): void {
    this.#name = String(news.name ?? '');
    if (isLanguage(news.lang)) this.#language = news.lang;
    if (typeof news.colour !== 'string' || this.settings.colour) return;
    this.#paint(news.colour);
    this.#remember('colour', news.colour);
  }

  #paint(colour: string | null): void {
    const colours = brand(colour ?? '');
    if (!colours) return;
    this.#parts.host.style.setProperty('--brand', colours.ground);
    this.#parts.host.style.setProperty('--on-brand', colours.ink);
  }

  #draw(): void {
    const { button, badge, panel, drawIcon } = this.#parts;
    const labels = LABELS[this.#language];
    const unread = fill(labels.unread, { count: this.#unread });
    const label = this.#isOpen ? labels.close : this.#unread > 0 ? unread : labels.open;
    button.setAttribute('aria-label', label);
    button.setAttribute('aria-expanded', String(this.#isOpen));
    button.lang = this.#language;
    badge.textContent =
      this.#unread > 0 && !this.#isOpen ? (this.#unread > 9 ? '9+' : String(this.#unread)) : '';
    panel.setAttribute('aria-label', this.#name || labels.title);
    if (this.#frame) this.#frame.title = this.#name || labels.title;
    drawIcon(this.#isOpen);
  }

  #remembered(what: string): string | null {
    try {
      return localStorage.getItem(`lumi.${this.settings.tenant}.${what}`);
    } catch {
      return null;
    }
  }

  #remember(what: string, value: string): void {
    try {
      localStorage.setItem(`lumi.${this.settings.tenant}.${what}`, value);
    } catch {
      // The page forbids storage: the button then starts in its default colour next time.
    }
  }
}
