/** Something the page asks the server for. */
export type Loaded<Value> = { state: 'asking' } | { state: 'failed' } | { state: 'here'; value: Value };

export async function load<Value>(ask: () => Promise<Value>): Promise<Loaded<Value>> {
  try {
    return { state: 'here', value: await ask() };
  } catch {
    return { state: 'failed' };
  }
}
