import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import { BrowserShelf } from './shelf';

const PHOTO = new Blob(['pixels']);

/** The connections that were opened, each as the shelf holds it. */
const connections: IDBDatabase[] = [];

beforeEach(() => {
  const factory = new IDBFactory();
  connections.length = 0;
  vi.stubGlobal('indexedDB', {
    open: (name: string, version: number) => {
      const request = factory.open(name, version) as unknown as IDBOpenDBRequest;
      request.addEventListener('success', () => connections.push(request.result));
      return request;
    },
  });
});

test('a file that was laid down is there for the next page, until it is let go', async () => {
  expect(await new BrowserShelf().put('a', PHOTO)).toBe(true);
  const next = new BrowserShelf();
  expect(await (await next.get('a'))?.text()).toBe('pixels');
  await next.remove('a');
  expect(await next.get('a')).toBe(null);
});

test('a database the browser closed meanwhile is opened again', async () => {
  const shelf = new BrowserShelf();
  await shelf.put('a', PHOTO);
  connections[0]?.close();
  expect(await (await shelf.get('a'))?.text()).toBe('pixels');
  connections[1]?.close();
  expect(await shelf.put('b', PHOTO)).toBe(true);
});

test('what cannot be read now is not said to be gone', async () => {
  const shelf = new BrowserShelf();
  await shelf.put('a', PHOTO);
  vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(() => {
    throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
  });
  await expect(shelf.get('a')).rejects.toThrow('lost');
  vi.restoreAllMocks();
  expect(await (await shelf.get('a'))?.text()).toBe('pixels');
});

test('without a database a file is kept as long as the page', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const shelf = new BrowserShelf();
  expect(await shelf.put('a', PHOTO)).toBe(false);
  expect(await (await shelf.get('a'))?.text()).toBe('pixels');
  expect(await new BrowserShelf().get('a')).toBe(null);
});
