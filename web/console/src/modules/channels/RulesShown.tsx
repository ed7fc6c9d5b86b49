import type { Tenant } from '../../api/client';
import { useInterface } from '../../language/interface';
import { draftOf } from './rules';

/** The rules for who may look at them and not change them. */
export function RulesShown({ tenant }: { tenant: Tenant }) {
  const { tr } = useInterface();
  const rules = draftOf(tenant.settings);
  const facts = [
    [tr('quiet_from'), rules.quiet_from],
    [tr('quiet_until'), rules.quiet_until],
    [tr('cap_day'), rules.proactive_per_day],
    [tr('cap_week'), rules.proactive_per_week],
    [tr('needs_consent'), tr(rules.proactive_needs_consent ? 'yes' : 'no')],
  ];
  return (
    <dl className="rules-shown">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
