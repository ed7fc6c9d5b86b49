export interface Health {
  isGood: boolean;
  parts: { name: string; works: boolean }[];
}

/** Reads `/readyz`: beside the `status` of the whole, one object a dependency, by its name. */
export function readHealth(body: unknown, isOk: boolean): Health {
  const dependencies = Object.entries(asRecord(body) ?? {}).flatMap(([name, state]) => {
    const details = asRecord(state);
    return details ? [{ name, works: details.status === 'ok' }] : [];
  });
  return { isGood: isOk && dependencies.every(({ works }) => works), parts: dependencies };
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

export async function fetchHealth(): Promise<Health> {
  const response = await fetch('/readyz', { headers: { Accept: 'application/json' } });
  const body: unknown = await response.json().catch(() => null);
  return readHealth(body, response.ok);
}
