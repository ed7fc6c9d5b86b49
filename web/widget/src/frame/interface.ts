import { askedLanguage, chosenLanguage } from '../../../languages/choice';
import { firstOffered, directionOf, type Language } from '../../../languages/languages';
import { translator, type Translate } from '../../../languages/texts';
import type en from '../texts/en.json';
import type { Tenant } from './protocol';

export type TextKey = keyof typeof en;

export interface Interface {
  language: Language;
  tr: Translate<TextKey>;
}

const FILES = import.meta.glob<typeof en>('../texts/*.json', { import: 'default' });

/** `?lang=`, else the visitor's earlier choice, else the browser's among the organisation's, else its own. */
export function preferredLanguage(tenant: Tenant | null): Language {
  const offered = tenant?.languages.length ? tenant.languages : undefined;
  return (
    firstOffered([askedLanguage(), chosenLanguage()]) ??
    firstOffered(navigator.languages, offered) ??
    firstOffered([tenant?.locale]) ??
    'en'
  );
}

/** Loads the texts of a language and turns the page to its direction. */
export async function speak(language: Language): Promise<Interface> {
  const load = FILES[`../texts/${language}.json`];
  if (!load) throw new Error(`no texts in ${language}`);
  const texts = await load();
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  return { language, tr: translator<TextKey>(texts) };
}
