import { useSyncExternalStore } from 'react';
import { session } from './session';

export type Permission =
  | 'channels:read'
  | 'channels:write'
  | 'conversations:write'
  | 'dead_letters:read'
  | 'dead_letters:write'
  | 'tenants:read'
  | 'tenants:write';

/** Whether who signed in may do this. What they may not is not offered; the API refuses it anyway. */
export function useMay(permission: Permission): boolean {
  const state = useSyncExternalStore(session.subscribe, session.snapshot);
  return state.kind === 'in' && state.granted.permissions.includes(permission);
}
