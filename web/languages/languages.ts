/** The languages every interface of Lumi speaks, in the order menus show them. */
export const LANGUAGES = ['fr', 'en', 'es', 'de', 'it', 'pt', 'ar', 'ru'] as const;

export type Language = (typeof LANGUAGES)[number];

/** Each language under its own name: the only form its speakers can be expected to find. */
export const OWN_NAMES: Record<Language, string> = {
  fr: 'Français',
  en: 'English',
  es: 'Español',
  de: 'Deutsch',
  it: 'Italiano',
  pt: 'Português',
  ar: 'العربية',
  ru: 'Русский',
};

export function isLanguage(code: string | null | undefined): code is Language {
  return LANGUAGES.some((language) => language === code);
}

/** The interface language of a tag like `pt-BR`, or null when Lumi does not speak it. */
export function languageOf(tag: string | null | undefined): Language | null {
  const primary = tag?.toLowerCase().split(/[-_]/)[0];
  return isLanguage(primary) ? primary : null;
}

/** The first of the wanted tags that is among the offered languages. */
export function firstOffered(
  wanted: readonly (string | null | undefined)[],
  offered: readonly string[] = LANGUAGES,
): Language | null {
  for (const tag of wanted) {
    const language = languageOf(tag);
    if (language && offered.includes(language)) return language;
  }
  return null;
}

export function directionOf(language: string): 'rtl' | 'ltr' {
  return language === 'ar' ? 'rtl' : 'ltr';
}

/** The name of any language code in the interface's language; the code itself when nobody knows it. */
export function nameOfLanguage(code: string, language: Language): string {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}
