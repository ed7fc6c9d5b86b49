import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { socketUrl, wakeWithBrowser } from '../../../../wire/browser';
import { Refused, Wire, type Frame, type WireState } from '../../../../wire/wire';
import { session } from '../session/session';
import { keys } from './queries';

/** Lists are read again at most this often, however many conversations move. */
export const LIST_EVERY_MS = 1_000;

/** What changed since the last look, and one timer that then reads it again. */
export class Freshener {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readAt = 0;

  constructor(private readonly client: Pick<QueryClient, 'invalidateQueries'>) {}

  take(frame: Frame): void {
    if (frame.type === 'resync') this.everything();
    if (frame.type === 'channel') void this.client.invalidateQueries({ queryKey: ['channels'] });
    if (frame.type !== 'conversation' || typeof frame.id !== 'string') return;
    void this.client.invalidateQueries({ queryKey: keys.one(frame.id) });
    void this.client.invalidateQueries({ queryKey: keys.messages(frame.id) });
    this.#lists();
  }

  /** After a gap nobody knows what was missed. */
  everything(): void {
    void this.client.invalidateQueries();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #lists(): void {
    clearTimeout(this.#timer);
    const pause = Math.max(0, this.#readAt + LIST_EVERY_MS - Date.now());
    this.#timer = setTimeout(() => {
      this.#readAt = Date.now();
      void this.client.invalidateQueries({ queryKey: keys.lists });
    }, pause);
  }
}

async function accessToken(refused: string | null): Promise<string> {
  const token = refused ? await session.renew(refused) : await session.token();
  if (!token) throw new Refused('signed_out');
  return token;
}

/** Keeps what is on screen fresh over the console's socket; returns how the connection is. */
export function useLive(): WireState {
  const client = useQueryClient();
  const [state, setState] = useState<WireState>('idle');
  useEffect(() => {
    const freshener = new Freshener(client);
    let hasBeenReady = false;
    const wire = new Wire({
      open: () => new WebSocket(socketUrl('/v1/console/socket')),
      credential: accessToken,
      onReady: () => {
        if (hasBeenReady) freshener.everything();
        hasBeenReady = true;
      },
      onFrame: (frame) => freshener.take(frame),
      onState: setState,
    });
    const stopWaking = wakeWithBrowser(wire);
    wire.wake();
    return () => {
      stopWaking();
      freshener.stop();
      wire.close();
    };
  }, [client]);
  return state;
}
