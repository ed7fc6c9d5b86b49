import type { ChannelStatus } from '../../api/client';

type Token = ChannelStatus['token'];

const HOUR = 3_600_000;

/** How long a token is still good for, as a person says it: in days, on its last day in hours. */
export function timeLeft(token: Token, now: number, language: string): string {
  const say = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  if (token.days_left) return say.format(token.days_left, 'day');
  const left = Date.parse(token.expires_at ?? '') - now;
  return say.format(Math.max(1, Math.ceil(left / HOUR)), 'hour');
}
