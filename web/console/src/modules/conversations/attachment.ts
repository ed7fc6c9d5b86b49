import type { Message } from '../../api/client';
import type { TextKey } from '../../language/interface';

export { sizeText } from '../../../../languages/size';

export type Attachment = Message['attachments'][number];

const KINDS: Record<string, TextKey> = {
  image: 'attachment_image',
  voice: 'attachment_voice',
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

/** Why a file that is there is not handed out. */
const CLOSED: Record<string, TextKey> = {
  unscanned: 'why_no_scanner',
  infected: 'why_malware',
};

/** What it is, in one word. */
export function kindText(attachment: Attachment): TextKey {
  return wordOf(attachment.is_voice ? 'voice' : attachment.kind);
}

/** The word for a kind of file, one a newer Lumi has too. */
export function wordOf(kind: string): TextKey {
  return KINDS[kind] ?? 'attachment_document';
}

/** What staff should know besides the file itself; null when the file says all. */
export function noteText({ state, why, link, kind, transcript, file_state }: Attachment): TextKey | null {
  if (state === 'waiting') return link && kind === 'audio' ? 'attachment_hearing' : 'attachment_waiting';
  if (state === 'ready' && !link) return CLOSED[file_state ?? ''] ?? 'why_unscanned';
  if (why) return WHYS[why] ?? 'why_gone';
  if (transcript) return 'attachment_transcribed';
  return file_state === 'unscanned' ? 'attachment_unseen' : null;
}

/** Whether somebody has to be told that something is wrong. */
export function isRefused({ state }: Attachment): boolean {
  return state === 'refused' || state === 'failed';
}

/** Where the file is on this server, whatever name it was reached by. */
export function placeOf(link: string): string {
  return new URL(link).pathname;
}
