import type { Language } from './languages';

const CHOICE = 'lumi.language';

/** The interface language somebody chose on a page of this Lumi before. */
export function chosenLanguage(): string | null {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null;
  }
}

/** Keeps the choice for the other pages; a `?lang=` in the address follows it, so that a reload agrees. */
export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(CHOICE, language);
  } catch {
    // Storage is forbidden: the choice lasts for this page.
  }
  const url = new URL(location.href);
  if (!url.searchParams.has('lang')) return;
  url.searchParams.set('lang', language);
  history.replaceState(null, '', url);
}

export function askedLanguage(): string | null {
  return new URLSearchParams(location.search).get('lang');
}
