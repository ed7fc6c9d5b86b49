import type { Message } from '../../api/client';
import type { Interface, TextKey } from '../../language/interface';

export type Attachment = Message['attachments'][number];

const KINDS: Record<string, TextKey> = {
  image: 'attachment_image',
  audio: 'attachment_audio',
  video: 'attachment_video',
  document: 'attachment_document',
};

const WHYS: Record<string, TextKey> = {
  too_large: 'why_too_large',
  type: 'why_type',
  malware: 'why_malware',
  unscanned: 'why_unscanned',
  gone: 'why_gone',
  unreachable: 'why_unreachable',
  nobody_hears: 'why_nobody_hears',
  silence: 'why_silence',
  too_long: 'why_too_long',
  unheard: 'why_unheard',
};

/** What it is, in one word. */
export function kindText(attachment: Attachment): TextKey {
  return attachment.is_voice ? 'attachment_voice' : (KINDS[attachment.kind] ?? 'attachment_document');
}

/** What staff should know besides the file itself; null when the file says all. */
export function noteText({ state, why, link, kind, transcript }: Attachment): TextKey | null {
  if (state === 'waiting') return link && kind === 'audio' ? 'attachment_hearing' : 'attachment_waiting';
  if (why) return WHYS[why] ?? 'why_gone';
  if (!link) return 'why_unscanned';
  return transcript ? 'attachment_transcribed' : null;
}

/** Whether somebody has to be told that something is wrong. */
export function isRefused({ state }: Attachment): boolean {
  return state === 'refused' || state === 'failed';
}

/** Where the file is on this server, whatever name it was reached by. */
export function placeOf(link: string): string {
  return new URL(link).pathname;
}

/** A size as people say it. */
export function sizeText(bytes: number, language: Interface['language']): string {
  const [unit, value] =
    bytes < 1_000_000 ? ['kilobyte', Math.max(0.1, bytes / 1_000)] : ['megabyte', bytes / 1_000_000];
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: digits }).format(
    value,
  );
}
