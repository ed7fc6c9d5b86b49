import type { TextKey } from '../language/interface';

export interface TenantChoice {
  slug: string;
  name: string;
}

/** A refusal of the API (RFC 9457), or no answer at all: then the status is 0. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retryAfter: number | null = null,
    readonly tenants: TenantChoice[] = [],
    /** What the API says of it, in English; of a provider's refusal, the provider's own words. */
    readonly detail: string = '',
  ) {
    super(`${status} ${code}`);
  }
}

const BY_CODE: Record<string, TextKey> = {
  held_by_another: 'error_held_by_another',
  not_held: 'error_not_held',
  letter_closed: 'error_letter_closed',
  cannot_requeue: 'error_cannot_requeue',
  template_unfit: 'error_template_unfit',
  version_conflict: 'error_version_conflict',
  wrong_credentials: 'error_wrong_credentials',
  dependency_unavailable: 'error_unavailable',
  no_files_there: 'error_no_files_there',
  not_fetchable: 'error_not_fetchable',
  no_scanner: 'error_no_scanner',
  type_not_taken_there: 'error_type_not_taken_there',
  too_large_there: 'error_too_large_there',
  file_too_large: 'error_file_too_large',
  type_refused: 'error_file_type',
  no_room: 'error_no_room',
  type_contradicted: 'error_file_contradicted',
  empty_file: 'error_file_empty',
  outside_window: 'error_window_closed',
  attachment_sent: 'error_attachment_sent',
  not_scanned: 'file_checked',
  scan_failed: 'file_unchecked',
  file_infected: 'why_malware',
};

const BY_STATUS: Record<number, TextKey> = {
  0: 'error_unreachable',
  401: 'session_ended',
  403: 'error_forbidden',
  404: 'error_not_found',
  409: 'error_conflict',
  413: 'error_too_large',
  422: 'error_invalid',
  429: 'error_too_many',
};

/** The sentence that tells a person what a problem means for them. */
export function sentenceFor(problem: unknown): { key: TextKey; variables: Record<string, number> } {
  if (!(problem instanceof Problem)) return { key: 'error_unexpected', variables: {} };
  const busy = problem.status >= 502 ? 'error_unavailable' : 'error_unexpected';
  const key = BY_CODE[problem.code] ?? BY_STATUS[problem.status] ?? busy;
  return { key, variables: { seconds: problem.retryAfter ?? 30 } };
}

/** Reads the body of a refusal; a body that is no problem document still becomes a Problem of its status. */
export function readProblem(status: number, body: unknown, retryAfter: string | null): Problem {
  const fields = isRecord(body) ? body : {};
  const code = typeof fields.code === 'string' ? fields.code : '';
  const extra = isRecord(fields.extra) ? fields.extra : fields;
  const tenants = Array.isArray(extra.tenants) ? extra.tenants.filter(isTenant) : [];
  const detail = typeof fields.detail === 'string' ? fields.detail : '';
  return new Problem(status, code, Number(retryAfter) || null, tenants, detail);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTenant(value: unknown): value is TenantChoice {
  return isRecord(value) && typeof value.slug === 'string' && typeof value.name === 'string';
}

/** The data of an answer, or the Problem it is thrown as. */
export async function unwrap<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call.catch((failure: unknown) => {
    throw failure instanceof Problem ? failure : new Problem(0, 'unreachable');
  });
  if (response.ok) return data as Data;
  throw readProblem(response.status, error, response.headers.get('Retry-After'));
}
