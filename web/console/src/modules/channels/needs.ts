import type { ChannelNeeds } from '../../api/client';
import { Problem } from '../../api/problem';
import type { TextKey } from '../../language/interface';

export type Need = ChannelNeeds['needs'][number];

const LABELS: Record<string, TextKey> = {
  phone_number_id: 'need_phone_number_id',
  business_account_id: 'need_business_account_id',
  app_secret: 'need_app_secret',
  access_token: 'need_access_token',
  verify_token: 'need_verify_token',
  bot_token: 'need_bot_token',
  page_id: 'need_page_id',
  account_id: 'need_account_id',
  address: 'need_address',
  password: 'password',
  user: 'need_user',
  imap_host: 'need_imap_host',
  imap_port: 'need_imap_port',
  imap_security: 'need_imap_security',
  smtp_host: 'need_smtp_host',
  smtp_port: 'need_smtp_port',
  smtp_security: 'need_smtp_security',
  folder: 'need_folder',
  client_id: 'need_client_id',
  client_secret: 'need_client_secret',
  refresh_token: 'need_refresh_token',
  directory: 'need_directory',
  topic: 'need_topic',
  push_service_account: 'need_push_service_account',
  push_audience: 'need_push_audience',
};

const REFUSALS: Record<string, TextKey> = {
  provider_refused: 'connect_refused',
  dependency_unavailable: 'connect_unanswered',
  account_taken: 'connect_taken',
  bad_identifier: 'connect_wrong_id',
};

interface WayWords {
  called: TextKey;
  found: TextKey;
}

/** Of several ways to let Lumi in: what each is called, and where its owner finds what it needs. */
const WAYS: Record<string, WayWords> = {
  password: { called: 'way_password', found: 'where_password' },
  oauth: { called: 'way_oauth', found: 'where_oauth' },
};

/** The ways there are, the usual one first; none where there is only one. */
export function waysOf(needs: Need[]): string[] {
  return [...new Set(needs.map(({ way }) => way).filter((way) => way !== null))];
}

/** What one way needs, and what all of them do. */
export function needsIn(needs: Need[], way: string | undefined): Need[] {
  return needs.filter((need) => need.way === null || need.way === way);
}

/** The words of a way; null for one of a newer Lumi. */
export function wordsOf(way: string): WayWords | null {
  return WAYS[way] ?? null;
}

/** The words for what is needed; null for what a newer Lumi needs and this page has no words for. */
export function labelOf(need: Need): TextKey | null {
  return LABELS[need.name] ?? null;
}

export interface Given {
  credentials: Record<string, string>;
  /** Names of what is required and was not filled in. */
  missing: string[];
}

/** What was filled in, without the blanks around it; what was left empty is not sent. */
export function givenOf(needs: Need[], form: FormData): Given {
  const filled = needs.map(({ name }) => [name, String(form.get(name) ?? '').trim()] as const);
  const credentials = Object.fromEntries(filled.filter(([, value]) => value !== ''));
  const missing = needs.filter(({ name, required }) => required && !(name in credentials));
  return { credentials, missing: missing.map(({ name }) => name) };
}

export interface Refusal {
  key: TextKey;
  /** In the provider's own words, where it spoke. */
  said: string;
}

/** Why an account was not connected; null for what is said as everywhere else. */
export function refusalOf(problem: unknown): Refusal | null {
  if (!(problem instanceof Problem)) return null;
  const key = REFUSALS[problem.code];
  if (!key) return null;
  const isTold = problem.code === 'provider_refused' || problem.code === 'dependency_unavailable';
  return { key, said: isTold ? problem.detail : '' };
}
