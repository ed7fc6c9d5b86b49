export type Piece = { kind: 'words' | 'link'; text: string };

// Ends at spaces, quotes, angle brackets and invisible direction marks, which never belong to an address.
const ADDRESS = /https:\/\/[^\s<>"'`\u200b-\u200f\u202a-\u202e\u2060-\u2069]+/gi;
const CLOSING = /[.,;:!?…»”’)\]}،؛؟]$/;

/** Cuts a text into words and https addresses. Punctuation after an address stays outside of it. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutClosing(match[0]);
    if (!safeUrl(address)) continue;
    if (match.index > end) found.push({ kind: 'words', text: text.slice(end, match.index) });
    found.push({ kind: 'link', text: address });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ kind: 'words', text: text.slice(end) });
  return found;
}

function withoutClosing(address: string): string {
  let trimmed = address;
  while (CLOSING.test(trimmed)) {
    const opened = trimmed.split('(').length;
    const closed = trimmed.split(')').length;
    if (trimmed.endsWith(')') && opened >= closed) break;
    trimmed = trimmed.slice(0, -1);
  }
  return trimmed;
}

/** The address when it may be linked: https, a host, and no user name that poses as one. Otherwise null. */
export function safeUrl(address: string | null, base?: string): string | null {
  if (!address) return null;
  try {
    const url = new URL(address, base);
    const isOurs = base !== undefined && url.origin === new URL(base).origin;
    if (url.username || url.password || !url.hostname) return null;
    return url.protocol === 'https:' || isOurs ? url.href : null;
  } catch {
    return null;
  }
}
