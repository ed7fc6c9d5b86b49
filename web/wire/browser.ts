import type { Wire } from './wire';

/** The WebSocket address of a path on the server this page came from. */
export function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Tries at once when the network is back or the page is looked at again, instead of sitting out the pause. */
export function wakeWithBrowser(wire: Wire): () => void {
  const wake = () => wire.wake();
  const look = () => {
    if (document.visibilityState === 'visible') wire.probe();
  };
  window.addEventListener('online', wake);
  window.addEventListener('pageshow', look);
  document.addEventListener('visibilitychange', look);
  return () => {
    window.removeEventListener('online', wake);
    window.removeEventListener('pageshow', look);
    document.removeEventListener('visibilitychange', look);
  };
}
