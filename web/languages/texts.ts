export type Variables = Readonly<Record<string, string | number>>;

/** Looks a text up by key and fills its `{variables}`. */
export type Translate<Key extends string> = (key: Key, variables?: Variables) => string;

const ISOLATE_START = '\u2068';
const ISOLATE_END = '\u2069';

/**
 * The text with its variables filled in. Words are wrapped in Unicode isolates, so that a Latin name inside
 * an Arabic sentence does not pull the punctuation around it to the wrong side.
 */
export function fill(text: string, variables: Variables = {}): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = variables[name];
    if (value === undefined) return hole;
    return typeof value === 'number' ? String(value) : ISOLATE_START + value + ISOLATE_END;
  });
}

export function translator<Key extends string>(texts: Readonly<Record<Key, string>>): Translate<Key> {
  return (key, variables) => fill(texts[key], variables);
}

/** The names of the variables of a text, sorted: two translations of one key must agree on them. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].toSorted();
}
