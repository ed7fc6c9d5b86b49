/** What a page's server signed for its visitor, or how to ask for it again; null: nobody is signed in. */
export type Vouching = string | null | (() => Promise<string | null>);

/** Whom a voucher is for. Only to keep people of one browser apart: whether it is true, the server decides. */
export function userOf(voucher: Vouching): string | null {
  if (typeof voucher !== 'string') return null;
  try {
    const part = voucher.split('.')[1] ?? '';
    const bytes = atob(part.replace(/-/g, '+').replace(/_/g, '/'));
    const text = new TextDecoder().decode(Uint8Array.from(bytes, (each) => each.charCodeAt(0)));
    const claims = JSON.parse(text) as { sub?: unknown };
    return typeof claims.sub === 'string' && claims.sub ? claims.sub : null;
  } catch {
    return null;
  }
}
