import { useEffect, useState } from 'react';

/** Milliseconds for which the assistant is still silent after somebody answered in the provider's app. */
export function quietFor(until: string | null, now: number): number {
  return until === null ? 0 : Math.max(0, new Date(until).getTime() - now);
}

/** The moment until which the assistant is silent; null as soon as it has passed, on an open page too. */
export function useQuiet(until: string | null): string | null {
  const [passed, setPassed] = useState<string | null>(null);
  useEffect(() => {
    if (until === null) return;
    const timer = setTimeout(() => setPassed(until), quietFor(until, Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  return until === passed ? null : until;
}
