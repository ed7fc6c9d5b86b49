import { Loader } from './loader';
import type { Vouching } from './vouching';

declare global {
  interface Window {
    Lumi?: {
      open: () => void;
      close: () => void;
      /** Who is signed in at this page: what its server signed, or how to ask for it; null for nobody. */
      identify: (voucher: Vouching) => Promise<void>;
    };
  }
}

const NAME = '/widget.js';

/** Our own script element; a tag manager may run us without one, then the page's element is looked for. */
function ownScript(): HTMLScriptElement | null {
  const current = document.currentScript;
  if (current instanceof HTMLScriptElement && current.dataset.tenant) return current;
  const candidates = document.querySelectorAll<HTMLScriptElement>('script[data-tenant][src]');
  return [...candidates].find((script) => new URL(script.src, location.href).pathname.endsWith(NAME)) ?? null;
}

function start(script: HTMLScriptElement): void {
  if (window.Lumi) return;
  const loader = new Loader({
    origin: new URL(script.src, location.href).origin,
    tenant: script.dataset.tenant ?? '',
    lang: script.dataset.lang ?? null,
    colour: script.dataset.colour ?? null,
    identity: script.dataset.identity || null,
  });
  window.Lumi = {
    open: () => loader.open(),
    close: () => loader.close(),
    identify: (voucher) => loader.identify(voucher),
  };
}

const script = ownScript();
if (script) {
  if (document.body) start(script);
  else document.addEventListener('DOMContentLoaded', () => start(script));
}
