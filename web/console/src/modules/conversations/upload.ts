import { api } from '../../api/client';
import { Problem, readProblem, unwrap } from '../../api/problem';
import type { components } from '../../api/schema';
import { session } from '../session/session';

export type OutgoingFile = components['schemas']['OutgoingFileRead'];

export interface Sending {
  conversation: string;
  file: File;
  /** Stays the same while one file is tried again, so that it is kept once. */
  key: string;
  signal: AbortSignal;
  /** Called with how much has left, from 0 to 1. */
  told: (part: number) => void;
}

/** Sends a file to be kept for a conversation; a token that has run out is renewed once. Throws a Problem. */
export async function upload(sending: Sending): Promise<OutgoingFile> {
  const token = await session.token();
  const answer = await post(sending, token);
  if (answer.status !== 401) return read(answer);
  const fresh = await session.renew(token);
  return read(fresh ? await post(sending, fresh) : answer);
}

/** What is known of it by now: it may have been looked at. */
export function lookedAt(conversation: string, id: string): Promise<OutgoingFile> {
  const params = { path: { conversation_id: conversation, attachment_id: id } };
  return unwrap(api.GET('/v1/conversations/{conversation_id}/attachments/{attachment_id}', { params }));
}

/** Lets it go; what is gone already is as wished, and what cannot be reached now goes by itself within a day. */
export async function takeBack(conversation: string, id: string): Promise<void> {
  const params = { path: { conversation_id: conversation, attachment_id: id } };
  await api
    .DELETE('/v1/conversations/{conversation_id}/attachments/{attachment_id}', { params })
    .catch(() => undefined);
}

interface Answer {
  status: number;
  text: string;
  retryAfter: string | null;
}

// fetch tells nobody how much of a body has left; this does.
function post({ conversation, file, key, signal, told }: Sending, token: string | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/v1/conversations/${encodeURIComponent(conversation)}/attachments`);
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Idempotency-Key', key);
    request.upload.addEventListener('progress', ({ loaded, total }) => told(total ? loaded / total : 0));
    request.addEventListener('load', () =>
      resolve({
        status: request.status,
        text: request.responseText,
        retryAfter: request.getResponseHeader('Retry-After'),
      }),
    );
    const broken = () => reject(new Problem(0, 'unreachable'));
    request.addEventListener('error', broken);
    request.addEventListener('abort', broken);
    signal.addEventListener('abort', () => request.abort());
    const body = new FormData();
    body.set('file', file);
    request.send(body);
  });
}

function read({ status, text, retryAfter }: Answer): OutgoingFile {
  const body: unknown = parsed(text);
  if (status === 201) return body as OutgoingFile;
  throw readProblem(status, body, retryAfter);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
