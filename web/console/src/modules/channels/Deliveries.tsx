import type { ChannelStatus } from '../../api/client';
import { useInterface, type TextKey } from '../../language/interface';

/** In the order in which a message passes through them. */
const STEPS = {
  waiting: 'delivery_waiting',
  sent: 'delivery_sent',
  delivered: 'delivery_delivered',
  read: 'delivery_read',
} as const satisfies Partial<Record<keyof ChannelStatus['deliveries'], TextKey>>;

/** How far the messages of thirty days came; those that did not surely arrive are shown apart, each with its reason. */
export function Deliveries({ counts }: { counts: ChannelStatus['deliveries'] }) {
  const { tr, language } = useInterface();
  const whole = new Intl.NumberFormat(language);
  return (
    <section aria-label={tr('deliveries')}>
      <h3>{tr('deliveries')}</h3>
      <dl className="delivery-counts">
        {(Object.keys(STEPS) as (keyof typeof STEPS)[]).map((step) => (
          <div key={step}>
            <dt>{tr(STEPS[step])}</dt>
            <dd>
              {whole.format(counts[step])}
              {step === 'waiting' && counts.later > 0 && (
                <span className="soft"> {tr('waiting_later', { later: counts.later })}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
