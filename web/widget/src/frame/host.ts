/** What the frame and the loader tell each other. Everything else that arrives is ignored. */
export type ToHost =
  | { lumi: 'ready'; name: string; colour: string; lang: string }
  | { lumi: 'unread'; count: number }
  | { lumi: 'close' }
  | { lumi: 'who' };
export type FromHost =
  | { lumi: 'hello'; open: boolean }
  | { lumi: 'opened' }
  | { lumi: 'closed' }
  | { lumi: 'voucher'; voucher: string };

const VOUCHER_WITHIN_MS = 10_000;

/**
 * The page around the frame. Its origin is taken from its first message, as the browser vouches for it, and
 * every answer names that origin; before that nothing is sent.
 */
export class Host {
  readonly embedded = window.parent !== window;
  open = !this.embedded;
  #origin: string | null = null;
  #unsent: ToHost[] = [];

  #vouch: ((voucher: string) => void) | null = null;

  onChange: (open: boolean) => void = () => {};

  constructor() {
    if (this.embedded) window.addEventListener('message', (event) => this.#receive(event));
  }

  tell(news: ToHost): void {
    if (!this.embedded) return;
    if (this.#origin) window.parent.postMessage(news, this.#origin);
    else this.#unsent.push(news);
  }

  /** What the page signs for the visitor who is signed in there; rejected when it does not answer. */
  voucher(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#vouch = resolve;
      setTimeout(() => reject(new Error('the page does not say who its visitor is')), VOUCHER_WITHIN_MS);
      this.tell({ lumi: 'who' });
    });
  }

  #receive(event: MessageEvent): void {
    if (event.source !== window.parent) return;
    const news = event.data as Partial<FromHost> | null;
    if (news?.lumi === 'hello') {
      this.#origin = event.origin;
      for (const earlier of this.#unsent.splice(0)) this.tell(earlier);
      this.#set('open' in news && news.open === true);
    } else if (event.origin === this.#origin && news?.lumi === 'voucher') {
      this.#vouch?.(String(news.voucher));
    } else if (event.origin === this.#origin && (news?.lumi === 'opened' || news?.lumi === 'closed')) {
      this.#set(news.lumi === 'opened');
    }
  }

  #set(open: boolean): void {
    this.open = open;
    this.onChange(open);
  }
}
