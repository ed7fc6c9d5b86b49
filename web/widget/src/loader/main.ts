import { Loader } from './loader';

declare global {
  interface Window {
    Lumi?: { open: () => void; close: () => void };
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
  });
  window.Lumi = { open: () => loader.open(), close: () => loader.close() };
}

const script = ownScript();
if (script) {
  if (document.body) start(script);
  else document.addEventListener('DOMContentLoaded', () => start(script));
}
