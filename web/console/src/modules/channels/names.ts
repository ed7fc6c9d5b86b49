import type { Interface, TextKey } from '../../language/interface';

/** What a channel is called, where that is not its own name, and where its owner finds what it needs. */
interface Words {
  called?: TextKey;
  found?: TextKey;
}

/** The one place of the pages that knows channels by name: for words, never to decide anything. */
const CHANNELS: Record<string, Words> = {
  whatsapp: { called: 'channel_whatsapp', found: 'where_whatsapp' },
  telegram: { found: 'where_telegram' },
  instagram: { found: 'where_meta' },
  messenger: { found: 'where_meta' },
  gmail: { found: 'where_gmail' },
  mailbox: { called: 'channel_mailbox' },
  web: { called: 'channel_web' },
  terminal: { called: 'channel_terminal' },
};

export function channelName(channel: string, tr: Interface['tr']): string {
  const key = CHANNELS[channel]?.called;
  return key ? tr(key) : channel.charAt(0).toUpperCase() + channel.slice(1);
}

/** Where its owner finds what a channel needs, if anybody can say. */
export function whereFound(channel: string): TextKey | null {
  return CHANNELS[channel]?.found ?? null;
}
