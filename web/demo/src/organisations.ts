import type { Language } from '../../languages/languages';

export interface Organisation {
  slug: string;
  name: string;
  kind: string;
  colour: string;
  description: Record<string, string>;
  suggestions: Record<string, string[]>;
  whatsapp: { display_phone_number: string } | null;
  languages: string[];
}

export async function fetchOrganisations(): Promise<Organisation[]> {
  const response = await fetch('/demo/organisations', { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`organisations: ${response.status}`);
  return (await response.json()) as Organisation[];
}

/** The value in the page's language, else in English, else the first there is; with the language it is in. */
export function inLanguage<Value>(
  values: Record<string, Value>,
  language: Language,
): { value: Value; lang: string } | null {
  for (const lang of [language, 'en', ...Object.keys(values)]) {
    const value = values[lang];
    if (value !== undefined) return { value, lang };
  }
  return null;
}
