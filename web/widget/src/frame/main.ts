import './frame.css';
import './messages.css';
import { App } from './app';
import { Host } from './host';
import { preferredLanguage, speak } from './interface';
import { browserKeep } from './keep';
import { BrowserShelf } from './shelf';

/** The organisation: named by the page, else by the last part of its address (`/chat/salon`). */
function slugOfPage(): string {
  const named = document.body.dataset.tenant;
  const parts = location.pathname.split('/').filter(Boolean);
  return named || decodeURIComponent(parts.at(-1) ?? '');
}

/** Whom the page around us says its visitor is. Behind the #, so that no server reads it along the way. */
function userOfPage(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('user') || null;
}

// Listens from the first moment: the loader greets as soon as this page has loaded.
const host = new Host();
const keep = browserKeep();
const root = document.getElementById('app') ?? document.body;
void speak(preferredLanguage(null)).then((ui) =>
  new App({ slug: slugOfPage(), user: userOfPage() }, keep, new BrowserShelf(), ui, host).start(root),
);
