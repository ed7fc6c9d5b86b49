import { createContext, useContext } from 'react';
import { askedLanguage, chosenLanguage } from '../../../languages/choice';
import { directionOf, firstOffered, type Language } from '../../../languages/languages';
import { translator, type Translate } from '../../../languages/texts';
import { sentenceFor } from '../api/problem';
import type en from '../texts/en.json';

export type TextKey = keyof typeof en;

export interface Interface {
  language: Language;
  tr: Translate<TextKey>;
  choose: (language: Language) => void;
}

const FILES = import.meta.glob<typeof en>('../texts/*.json', { import: 'default' });

export function preferredLanguage(): Language {
  return firstOffered([askedLanguage(), chosenLanguage(), ...navigator.languages]) ?? 'en';
}

/** Loads the texts of a language and turns the page to its direction. */
export async function loadTexts(language: Language): Promise<Translate<TextKey>> {
  const load = FILES[`../texts/${language}.json`];
  if (!load) throw new Error(`no texts in ${language}`);
  const texts = await load();
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  return translator<TextKey>(texts);
}

export const InterfaceContext = createContext<Interface | null>(null);

export function useInterface(): Interface {
  const value = useContext(InterfaceContext);
  if (!value) throw new Error('no language provider around this component');
  return value;
}

/** Turns a problem into a sentence of the interface's language. */
export function useSentence(): (problem: unknown) => string {
  const { tr } = useInterface();
  return (problem) => {
    const { key, variables } = sentenceFor(problem);
    return tr(key, variables);
  };
}
