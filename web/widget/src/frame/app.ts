import { rememberLanguage } from '../../../languages/choice';
import type { Language } from '../../../languages/languages';
import { socketUrl, wakeWithBrowser } from '../../../wire/browser';
import { Chat } from './chat';
import { brand } from '../../../dom/colour';
import type { Host } from './host';
import { preferredLanguage, speak, type Interface, type TextKey } from './interface';
import type { Keep } from './keep';
import { Outbox } from './outbox';
import type { Shelf } from './shelf';
import type { Message, Session, Tenant } from './protocol';
import { Sessions, type Place } from './sessions';
import { Composer } from './view/composer';
import { element } from '../../../dom/element';
import { Header } from './view/header';
import { takeDropped } from './view/dropping';
import { drawIntro } from './view/intro';
import { Log } from './view/log';

const REASONS: Record<string, TextKey> = {
  unknown_organisation: 'unknown_organisation',
  origin_refused: 'origin_refused',
  identity_refused: 'identity_refused',
};
const CALM_BEFORE_OFFLINE_MS = 2_500;

/** The whole page of one chat, in a frame or on its own. */
export class App {
  #tenant: Tenant | null;
  #unread = 0;
  #troubleSince = 0;
  #sessions: Sessions;
  #chat: Chat;
  #header: Header;
  #log: Log;
  #composer: Composer;
  #banner = element('p', { class: 'banner', role: 'status', hidden: true });
  #typing = element('p', { class: 'typing', role: 'status' });
  #intro = element('div', { class: 'intro' });

  constructor(
    place: Place,
    keep: Keep,
    shelf: Shelf,
    private ui: Interface,
    private readonly host: Host,
  ) {
    this.#sessions = new Sessions(
      place,
      keep,
      (session) => this.#useSession(session),
      () => this.host.voucher(),
    );
    this.#tenant = this.#sessions.rememberedTenant();
    this.#chat = new Chat(
      new Outbox(keep, place),
      { changed: () => this.#draw(), arrived: (message) => this.#count(message) },
      {
        open: () => new WebSocket(socketUrl('/v1/widget/socket')),
        credential: (refused) => this.#sessions.token(refused),
      },
      shelf,
    );
    const say = (text: string, files: File[]) =>
      files.length > 0 ? void this.#chat.sayWith(text, files) : this.#chat.say(text);
    this.#header = new Header(this.host.embedded, {
      choose: (language) => void this.#choose(language),
      close: () => this.host.tell({ lumi: 'close' }),
    });
    this.#composer = new Composer(ui, say);
    this.#log = new Log(
      this.#chat,
      ui,
      {
        again: (id) => this.#chat.sayAgain(id),
        takeBack: (id) => this.#chat.takeBack(id),
        renew: (n) => this.#chat.renew(n),
      },
      this.#intro,
    );
  }

  start(root: HTMLElement): void {
    const main = element(
      'main',
      { class: 'main' },
      this.#banner,
      this.#log.node,
      this.#typing,
      this.#composer.node,
    );
    root.replaceChildren(this.#header.node, main);
    root.toggleAttribute('data-embedded', this.host.embedded);
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing) this.host.tell({ lumi: 'close' });
    });
    takeDropped((files) => this.#composer.add(files));
    window.addEventListener('storage', () => {
      this.#chat.outbox.load();
      this.#draw();
    });
    this.#useInterface(this.ui);
    this.host.onChange = (open) => this.#followHost(open);
    this.#followHost(this.host.open && this.host.embedded);
    this.#chat.wire.wake();
    wakeWithBrowser(this.#chat.wire);
    if (!this.host.embedded && matchMedia('(hover: hover)').matches) this.#composer.focus();
  }

  async #choose(language: Language): Promise<void> {
    rememberLanguage(language);
    this.#useInterface(await speak(language));
  }

  #useInterface(ui: Interface): void {
    this.ui = ui;
    this.#header.useInterface(ui);
    this.#composer.useInterface(ui);
    document.body.dataset.dropHint = ui.tr('drop_here');
    this.#useTenant();
    this.#log.useInterface(ui);
    this.#draw();
  }

  #useSession(session: Session): void {
    const isNew = this.#tenant === null;
    this.#tenant = session.tenant;
    this.#chat.useThread(session.thread);
    this.#composer.useTaken(session.files ?? []);
    const language = preferredLanguage(session.tenant);
    if (isNew && language !== this.ui.language) void speak(language).then((ui) => this.#useInterface(ui));
    else this.#useTenant();
  }

  #useTenant(): void {
    drawIntro(this.#intro, this.ui, this.#tenant, (text) => this.#chat.say(text));
    if (!this.#tenant) return;
    const { name, colour } = this.#tenant;
    document.title = this.ui.tr('title', { name });
    const colours = brand(colour);
    if (colours) {
      document.documentElement.style.setProperty('--brand', colours.ground);
      document.documentElement.style.setProperty('--on-brand', colours.ink);
    }
    this.host.tell({ lumi: 'ready', name, colour, lang: this.ui.language });
  }

  #draw(): void {
    this.#header.show(this.#tenant?.name ?? '', this.#status());
    this.#showBanner();
    const typing = this.#chat.typing ? this.ui.tr('typing') : '';
    if (this.#typing.textContent !== typing) this.#typing.textContent = typing;
    this.#log.draw();
  }

  #status(): string {
    if (this.#chat.state === 'stopped') return '';
    if (this.#chat.state !== 'ready') return this.ui.tr('connecting');
    return this.ui.tr(this.#chat.held ? 'person_answers' : 'assistant');
  }

  /** Short interruptions are nobody's business; a longer one, or the end, is told in a sentence. */
  #showBanner(): void {
    const { state, why } = this.#chat;
    if (state === 'ready' || state === 'idle') this.#troubleSince = 0;
    else this.#troubleSince ||= Date.now();
    const isLong = Date.now() - this.#troubleSince > CALM_BEFORE_OFFLINE_MS || !navigator.onLine;
    const text =
      state === 'stopped'
        ? this.ui.tr(REASONS[why] ?? 'stopped')
        : this.#troubleSince && isLong
          ? this.ui.tr('offline')
          : '';
    if (this.#banner.textContent !== text) this.#banner.textContent = text;
    this.#banner.toggleAttribute('hidden', text === '');
    if (state === 'stopped') this.#composer.close();
    else if (this.#troubleSince && !isLong)
      setTimeout(() => this.#showBanner(), CALM_BEFORE_OFFLINE_MS + 100);
  }

  #count(message: Message): void {
    if (message.author === 'contact' || (this.host.open && document.visibilityState === 'visible')) return;
    this.#unread += 1;
    this.host.tell({ lumi: 'unread', count: this.#unread });
  }

  #followHost(open: boolean): void {
    if (!open) return;
    this.#unread = 0;
    this.host.tell({ lumi: 'unread', count: 0 });
    this.#log.scrollToEnd();
    this.#composer.focus();
  }
}
