/** One answer of a form; without a name where the form's own making cannot be read. */
export interface Answer {
  name: string | null;
  value: string;
}

interface Words {
  yes: string;
  no: string;
}

/** What WhatsApp puts beside the answers, which is nobody's answer. */
const NO_ANSWER = new Set(['flow_token']);

/** The answers of a form by name and value, from JSON of the form's own making; what is no such thing stays one text. */
export function answersOf(written: string, words: Words): Answer[] {
  const found = parsed(written);
  if (!isRecord(found)) return written.trim() ? [{ name: null, value: written }] : [];
  return Object.entries(found)
    .filter(([name]) => !NO_ANSWER.has(name))
    .flatMap(([name, value]) => answer(spaced(name), value, words));
}

function answer(name: string, value: unknown, words: Words): Answer[] {
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([inner, each]) =>
      answer(`${name} · ${spaced(inner)}`, each, words),
    );
  }
  const text = textOf(value, words);
  return text ? [{ name, value: text }] : [];
}

function textOf(value: unknown, words: Words): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value))
    return value
      .map((each) => textOf(each, words))
      .filter(Boolean)
      .join(', ');
  if (isRecord(value))
    return Object.values(value)
      .map((each) => textOf(each, words))
      .filter(Boolean)
      .join(' ');
  return String(value).trim();
}

/** A field's name as words: forms are made with names such as `First_name`. */
function spaced(name: string): string {
  return name.replaceAll('_', ' ').trim();
}

function parsed(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
