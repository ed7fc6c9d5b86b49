import { useSyncExternalStore } from 'react';
import type { Conversation } from '../../api/client';

const KEPT = 500;

/** How far this person has read each conversation, on this browser. */
export class Seen {
  #numbers: Map<string, number>;
  #version = 0;
  #listeners = new Set<() => void>();

  constructor(
    private readonly key: string,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
  ) {
    this.#numbers = new Map(read(storage, key));
  }

  isUnread({ id, last }: Pick<Conversation, 'id' | 'last'>): boolean {
    return last !== null && last.n > (this.#numbers.get(id) ?? 0);
  }

  mark(id: string, n: number): void {
    if ((this.#numbers.get(id) ?? 0) >= n) return;
    this.#numbers.delete(id);
    this.#numbers.set(id, n);
    const kept = [...this.#numbers].slice(-KEPT);
    try {
      this.storage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: the marks last for this visit.
    }
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  version = (): number => this.#version;
}

function read(storage: Pick<Storage, 'getItem'>, key: string): [string, number][] {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '[]');
    return Array.isArray(value) ? (value as [string, number][]) : [];
  } catch {
    return [];
  }
}

const open = new Map<string, Seen>();

export function seenBy(identity: string): Seen {
  const seen = open.get(identity) ?? new Seen(`lumi.console.seen.${identity}`, localStorage);
  open.set(identity, seen);
  return seen;
}

export function useSeen(identity: string): Seen {
  const seen = seenBy(identity);
  useSyncExternalStore(seen.subscribe, seen.version);
  return seen;
}
