import type { Conversation, Message } from '../../api/client';
import type { Interface, TextKey } from '../../language/interface';
import { wordOf } from './attachment';

const AUTHORS: Record<string, TextKey> = {
  contact: 'guest',
  assistant: 'assistant',
  staff: 'staff',
  system: 'system',
};

/** The guest's name, else their address, else the word for a guest. */
export function guestName(conversation: Conversation, tr: Interface['tr']): string {
  return conversation.contact?.name || conversation.contact?.address || tr('guest');
}

export function authorName(author: string, name: string | null, tr: Interface['tr']): string {
  const role = tr(AUTHORS[author] ?? 'system');
  return name && author !== 'assistant' ? name : role;
}

export function previewAuthor(last: NonNullable<Conversation['last']>, tr: Interface['tr']): string | null {
  return last.author === 'contact' ? null : tr(AUTHORS[last.author] ?? 'system');
}

/** What was said last, or what kind of file came without words. */
export function previewText(last: NonNullable<Conversation['last']>, tr: Interface['tr']): string {
  return last.text || (last.file ? tr(wordOf(last.file)) : '');
}

export function isSameSpeaker(one: Message | undefined, other: Message): boolean {
  return one !== undefined && one.author === other.author && one.author_name === other.author_name;
}
