import type { FilesTaken } from './protocol';

/** Why a file is not sent at all: what the server would say of it, said before it leaves. */
export interface Objection {
  code: 'type_refused' | 'file_too_large' | 'empty_file';
  limit?: number;
}

/** Null when it may be sent, or nobody has said yet what may be. */
export function objection(file: File, taken: FilesTaken[]): Objection | null {
  if (file.size === 0) return { code: 'empty_file' };
  if (taken.length === 0) return null;
  const dot = file.name.lastIndexOf('.');
  const ending = dot > 0 ? file.name.slice(dot).toLowerCase() : '';
  const kinds = taken.filter(({ endings, types }) =>
    ending === '' ? types.includes(file.type) : endings.includes(ending),
  );
  if (kinds.length === 0) return { code: 'type_refused' };
  const limit = Math.max(...kinds.map(({ most_bytes }) => most_bytes));
  return file.size > limit ? { code: 'file_too_large', limit } : null;
}

/** What a browser offers when somebody looks for a file. */
export function accepted(taken: FilesTaken[]): string {
  return taken.flatMap(({ types, endings }) => [...types, ...endings]).join(',');
}
