/** Where the files that a visitor sends wait until the server has them. */
export interface Shelf {
  /** Puts a file down; false when it will not outlive this page. */
  put: (key: string, file: Blob) => Promise<boolean>;
  /** Null when it is not here any more; rejects when that cannot be said now. */
  get: (key: string) => Promise<Blob | null>;
  remove: (key: string) => Promise<void>;
  /** Lets go of all that nobody waits for any more. */
  sweep: (isWaited: (key: string) => boolean) => Promise<void>;
}

export class MemoryShelf implements Shelf {
  #files = new Map<string, Blob>();

  put(key: string, file: Blob): Promise<boolean> {
    this.#files.set(key, file);
    return Promise.resolve(false);
  }
  get(key: string): Promise<Blob | null> {
    return Promise.resolve(this.#files.get(key) ?? null);
  }
  remove(key: string): Promise<void> {
    this.#files.delete(key);
    return Promise.resolve();
  }
  sweep(isWaited: (key: string) => boolean): Promise<void> {
    for (const key of this.#files.keys()) if (!isWaited(key)) this.#files.delete(key);
    return Promise.resolve();
  }
}

const DATABASE = 'lumi';
const STORE = 'files';

/** Kept in the browser's own database, so that a reload loses nothing; in memory only where it has none, or no room. */
export class BrowserShelf implements Shelf {
  readonly #memory = new MemoryShelf();
  #database: Promise<IDBDatabase> | null = null;

  async put(key: string, file: Blob): Promise<boolean> {
    try {
      await this.#ask('readwrite', (store) => store.put(file, key));
      return true;
    } catch {
      return this.#memory.put(key, file);
    }
  }

  async get(key: string): Promise<Blob | null> {
    const held = await this.#memory.get(key);
    if (held || typeof indexedDB === 'undefined') return held;
    const found = await this.#ask<unknown>('readonly', (store) => store.get(key));
    return found instanceof Blob ? found : null;
  }

  async remove(key: string): Promise<void> {
    await this.#memory.remove(key);
    await this.#ask('readwrite', (store) => store.delete(key)).catch(() => {}); // swept another time
  }

  async sweep(isWaited: (key: string) => boolean): Promise<void> {
    const keys = await this.#ask('readonly', (store) => store.getAllKeys()).catch(() => []);
    for (const key of keys) if (typeof key === 'string' && !isWaited(key)) await this.remove(key);
  }

  /** Twice where need be: browsers close a database behind the back of a page that slept. */
  async #ask<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    try {
      return await this.#askOnce(mode, act);
    } catch {
      this.#database = null;
      return this.#askOnce(mode, act);
    }
  }

  async #askOnce<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    this.#database ??= opened();
    const work = (await this.#database).transaction(STORE, mode);
    const request = act(work.objectStore(STORE));
    return new Promise((resolve, reject) => {
      work.addEventListener('complete', () => resolve(request.result));
      work.addEventListener('abort', () => reject(work.error ?? new Error('the database gave up')));
    });
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    const failed = () => reject(request.error ?? new Error('no database'));
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', failed);
    request.addEventListener('blocked', failed);
  });
}
