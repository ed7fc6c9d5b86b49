import type { Message } from '../../api/client';
import type { TextKey } from '../../language/interface';

type Delivery = NonNullable<Message['delivery']>;

const STATES: Record<string, TextKey> = {
  committed: 'delivery_waiting',
  sending: 'delivery_sending',
  sent: 'delivery_sent',
  delivered: 'delivery_delivered',
  read: 'delivery_read',
  failed: 'delivery_failed',
  unknown: 'delivery_unknown',
  withdrawn: 'delivery_withdrawn',
  held: 'delivery_held',
};

/** States a person must look at: the guest may not have the message. */
export function isTrouble(delivery: Delivery): boolean {
  return delivery.state === 'failed' || delivery.state === 'unknown';
}

/** Whether a person may let it leave once more. */
export function canLeaveAgain(delivery: Delivery): boolean {
  return isTrouble(delivery) || delivery.state === 'held';
}

/** The words for a delivery's state; null for a state a newer Lumi has and this page does not know. */
export function stateText(delivery: Delivery): TextKey | null {
  return STATES[delivery.state] ?? null;
}
