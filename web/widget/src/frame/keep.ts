/** What the chat keeps between visits. In memory only where the browser forbids storage. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class MemoryKeep implements Keep {
  #entries = new Map<string, string>();

  get length(): number {
    return this.#entries.size;
  }
  key(index: number): string | null {
    return [...this.#entries.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.#entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#entries.set(key, value);
  }
  removeItem(key: string): void {
    this.#entries.delete(key);
  }
}

export function browserKeep(): Keep {
  try {
    localStorage.setItem('lumi.probe', '1');
    localStorage.removeItem('lumi.probe');
    return localStorage;
  } catch {
    return new MemoryKeep();
  }
}

/** Writes when it can: a full storage must not stop a message that can still be sent. */
export function put(keep: Keep, key: string, value: string): void {
  try {
    keep.setItem(key, value);
  } catch {
    // Quota reached or storage switched off meanwhile; the value lives on in memory.
  }
}

export function readJson(keep: Keep, key: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(keep.getItem(key) ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
