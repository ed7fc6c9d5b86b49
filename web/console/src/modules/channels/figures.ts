import type { ChannelStatus } from '../../api/client';

export type Hour = ChannelStatus['hours'][number];

export interface Bar {
  hour: string;
  /** Of the height of the chart, 0 to 1. */
  received: number;
  /** The same; null while nobody knows what is usual. */
  expected: number | null;
}

/** The hours as bars beside each other, the highest of all as high as the chart. */
export function barsOf(hours: Hour[]): Bar[] {
  const top = Math.max(1, ...hours.flatMap(({ received, expected }) => [received, expected ?? 0]));
  return hours.map(({ hour, received, expected }) => ({
    hour,
    received: received / top,
    expected: expected === null ? null : expected / top,
  }));
}

/** What came in, and what usually does; null while nobody knows that. */
export function sumsOf(hours: Hour[]): { received: number; usual: number | null } {
  const known = hours.filter(({ expected }) => expected !== null);
  return {
    received: hours.reduce((sum, { received }) => sum + received, 0),
    usual: known.length ? Math.round(known.reduce((sum, { expected }) => sum + (expected ?? 0), 0)) : null,
  };
}
