import type { Letter } from '../../api/client';
import type { TextKey } from '../../language/interface';

export const SHOWS = ['open', 'closed', 'all'] as const;
export type Show = (typeof SHOWS)[number];

export const SOURCES = ['webhook', 'event', 'job'] as const;
export type Source = (typeof SOURCES)[number];

const KINDS: Record<Source, TextKey> = {
  webhook: 'letter_webhook',
  event: 'letter_event',
  job: 'letter_job',
};
const REASONS: Record<Source, TextKey> = {
  webhook: 'letter_webhook_why',
  event: 'letter_event_why',
  job: 'letter_job_why',
};

export function kindText(source: Source): TextKey {
  return KINDS[source];
}

/** What happened, and what trying again would do; the technical reason stands beside it. */
export function whyText(source: Source): TextKey {
  return REASONS[source];
}

/** Whatever is open: a newer release may read what an older one could not. */
export function canRequeue(letter: Letter): boolean {
  return letter.closed_at === null;
}

/** The conversation it lay in: an event's origin is `conversation/number`. */
export function conversationOf(letter: Letter): string | null {
  return letter.source === 'event' ? (letter.origin.split('/')[0] ?? null) : null;
}

/** Whether all that came is shown; of what is long only the beginning is. */
export function isWhole(letter: Letter): boolean {
  return new TextEncoder().encode(letter.body).length >= letter.body_bytes;
}

/** What the API is asked for. */
export function asked(show: Show, source: Source | undefined): { open?: boolean; source?: Source } {
  return { ...(show !== 'all' && { open: show === 'open' }), ...(source && { source }) };
}

/** The channel of what came by a webhook: its origin is `channel`, or `channel/account` where the account is known. */
export function channelOf(letter: Letter): string {
  return letter.origin.split('/')[0] ?? letter.origin;
}
