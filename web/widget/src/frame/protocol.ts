import type { Frame } from '../../../wire/wire';

export interface Source {
  id: string;
  title: string;
  url: string | null;
  lang: string | null;
}

/** A file of a message. Without an address nobody hands it out, and `state` says why. */
export interface SentFile {
  id: string;
  name: string;
  kind: 'image' | 'audio' | 'video' | 'document';
  size: number | null;
  state: string;
  url: string | null;
  /** When it was told, and until when its address is good, by the clock of this machine. */
  seen: number;
  until: number;
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
  files: SentFile[];
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

/** What may be sent of a kind. */
export interface FilesTaken {
  kind: string;
  most_bytes: number;
  types: string[];
  endings: string[];
}

export interface Session {
  token: string;
  expires_in: number;
  tenant: Tenant;
  thread: string | null;
  files?: FilesTaken[];
}

const KINDS = ['image', 'audio', 'video', 'document'] as const;
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

function readFile(value: unknown): SentFile[] {
  if (typeof value !== 'object' || value === null) return [];
  const file = value as Record<string, unknown>;
  const id = words(file.id);
  if (!id) return [];
  const seen = Date.now();
  const seconds = typeof file.expires_in === 'number' ? file.expires_in : 0;
  return [
    {
      id,
      name: words(file.name) ?? '',
      kind: KINDS.find((kind) => kind === file.kind) ?? 'document',
      size: typeof file.size_bytes === 'number' ? file.size_bytes : null,
      state: words(file.state) ?? '',
      url: placeOf(words(file.url)),
      seen,
      until: seen + seconds * 1000,
    },
  ];
}

/** Where a file is on this server, whatever name it was reached by: this page may load from nowhere else. */
function placeOf(url: string | null): string | null {
  try {
    const { protocol, pathname } = new URL(url ?? '');
    return protocol === 'https:' || protocol === 'http:' ? pathname : null;
  } catch {
    return null;
  }
}

/** The files of a `message` or `files` frame. */
export function readFiles(frame: Frame): SentFile[] {
  return Array.isArray(frame.files) ? frame.files.flatMap(readFile) : [];
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
    files: readFiles(frame),
    handover: frame.handover === true,
    at: typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? at : new Date().toISOString(),
  };
}
