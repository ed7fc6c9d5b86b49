import type { Tenant } from '../../api/client';
import type { TextKey } from '../../language/interface';

type Settings = Tenant['settings'];

/** The settings as the fields of a form hold them. */
export interface Draft {
  quiet_from: string;
  quiet_until: string;
  proactive_per_day: string;
  proactive_per_week: string;
  proactive_needs_consent: boolean;
}

/** The most a cap may be. */
export const MOST = { proactive_per_day: 100, proactive_per_week: 500 } as const;

export const TIMES = ['quiet_from', 'quiet_until'] as const;
export const CAPS = ['proactive_per_day', 'proactive_per_week'] as const;

/** What is changed and not saved, and the version of the settings it was begun on. */
export interface Edits {
  version: number | null;
  changed: Partial<Draft>;
}

export const NO_EDITS: Edits = { version: null, changed: {} };

/** The settings for a form; a time without its seconds. */
export function draftOf(settings: Settings): Draft {
  return {
    quiet_from: settings.quiet_from.slice(0, 5),
    quiet_until: settings.quiet_until.slice(0, 5),
    proactive_per_day: String(settings.proactive_per_day),
    proactive_per_week: String(settings.proactive_per_week),
    proactive_needs_consent: settings.proactive_needs_consent,
  };
}

/** One more change; the version stays the one that the first was made on. */
export function edited(edits: Edits, version: number, changed: Partial<Draft>): Edits {
  return { version: edits.version ?? version, changed: { ...edits.changed, ...changed } };
}

export interface Flaw {
  key: TextKey;
  variables?: Record<string, number>;
}

export type Flaws = Partial<Record<keyof Draft, Flaw>>;

/** What cannot be saved like this, in the order of the fields. */
export function flawsOf(draft: Draft): Flaws {
  const flaws: Flaws = {};
  for (const name of TIMES) if (!draft[name]) flaws[name] = { key: 'connect_missing' };
  for (const name of CAPS) {
    const isWhole = /^\d{1,4}$/.test(draft[name]);
    if (!isWhole || Number(draft[name]) > MOST[name]) {
      flaws[name] = { key: 'cap_range', variables: { most: MOST[name] } };
    }
  }
  return flaws;
}

/** What the API is asked to change: what was changed here, and nothing that somebody else may have changed. */
export function settingsOf({
  proactive_per_day,
  proactive_per_week,
  ...rest
}: Partial<Draft>): Partial<Settings> {
  return {
    ...rest,
    ...(proactive_per_day !== undefined && { proactive_per_day: Number(proactive_per_day) }),
    ...(proactive_per_week !== undefined && { proactive_per_week: Number(proactive_per_week) }),
  };
}
