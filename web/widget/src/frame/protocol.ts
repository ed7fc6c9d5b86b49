import type { Frame } from '../../../wire/wire';

export interface Source {
  id: string;
  title: string;
  url: string | null;
  lang: string | null;
}

export interface Message {
  n: number;
  id: string;
  client_id: string | null;
  author: 'contact' | 'assistant' | 'staff' | 'system';
  author_name: string | null;
  text: string;
  lang: string | null;
  sources: Source[];
  handover: boolean;
  at: string;
}

export interface Tenant {
  slug: string;
  name: string;
  locale: string;
  languages: string[];
  colour: string;
  suggestions: Record<string, string[]>;
}

export interface Session {
  token: string;
  expires_in: number;
  tenant: Tenant;
  thread: string | null;
}

const AUTHORS = ['contact', 'assistant', 'staff', 'system'] as const;

function words(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function readSource(value: unknown): Source[] {
  if (typeof value !== 'object' || value === null) return [];
  const source = value as Record<string, unknown>;
  const title = words(source.title);
  return title
    ? [{ id: words(source.id) ?? title, title, url: words(source.url), lang: words(source.lang) }]
    : [];
}

/** The message of a `message` frame, or null when its number, id or text is missing. */
export function readMessage(frame: Frame): Message | null {
  const { n, id, text, at } = frame;
  if (typeof n !== 'number' || typeof id !== 'string' || typeof text !== 'string') return null;
  return {
    n,
    id,
    client_id: words(frame.client_id),
    author: AUTHORS.find((author) => author === frame.author) ?? 'system',
    author_name: words(frame.author_name),
    text,
    lang: words(frame.lang),
    sources: Array.isArray(frame.sources) ? frame.sources.flatMap(readSource) : [],
    handover: frame.handover === true,
    at: typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? at : new Date().toISOString(),
  };
}
