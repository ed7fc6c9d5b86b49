import { askedLanguage, chosenLanguage } from '../../languages/choice';
import { directionOf, firstOffered, type Language } from '../../languages/languages';
import { translator, type Translate } from '../../languages/texts';
import type en from './texts/en.json';

export type TextKey = keyof typeof en;

export interface Interface {
  language: Language;
  tr: Translate<TextKey>;
}

const FILES = import.meta.glob<typeof en>('./texts/*.json', { import: 'default' });

export function preferredLanguage(): Language {
  return firstOffered([askedLanguage(), chosenLanguage(), ...navigator.languages]) ?? 'en';
}

/** Loads the texts of a language and turns the page to its direction. */
export async function speak(language: Language): Promise<Interface> {
  const load = FILES[`./texts/${language}.json`];
  if (!load) throw new Error(`no texts in ${language}`);
  const texts = await load();
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  return { language, tr: translator<TextKey>(texts) };
}
