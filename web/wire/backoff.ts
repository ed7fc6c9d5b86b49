export const FIRST_PAUSE_MS = 1_000;
export const LONGEST_PAUSE_MS = 30_000;

/**
 * How long to wait before the next try: anywhere between one second and a limit that doubles with every
 * failure. The full range is drawn from, so that a thousand browsers do not come back in the same instant.
 */
export function pauseBefore(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  return FIRST_PAUSE_MS + random() * (ceiling - FIRST_PAUSE_MS);
}
