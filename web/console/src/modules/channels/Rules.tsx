import { Loader } from '@mantine/core';
import { useInterface } from '../../language/interface';
import { Trouble } from '../../style/Trouble';
import { useMay } from '../session/permission';
import type { Granted } from '../session/session';
import { Page } from './Page';
import { useTenant } from './ruleQueries';
import { RulesForm } from './RulesForm';
import { RulesShown } from './RulesShown';
import { Templates } from './Templates';

/** When and how often people are written to unasked, and the templates that reopen a conversation. */
export function Rules({ granted }: { granted: Granted }) {
  const { tr } = useInterface();
  const mayLook = useMay('tenants:read');
  const mayLookAtChannels = useMay('channels:read');
  return (
    <Page granted={granted} title={tr('rules')}>
      {mayLook ? <Settings /> : <p className="empty">{tr('error_forbidden')}</p>}
      {mayLookAtChannels && <Templates />}
    </Page>
  );
}

function Settings() {
  const { tr } = useInterface();
  const query = useTenant();
  const mayChange = useMay('tenants:write');
  if (query.error) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loader aria-label={tr('loading')} role="status" />;
  return (
    <section className="rules">
      <p className="soft">{tr('rules_lead')}</p>
      {mayChange ? <RulesForm tenant={query.data} /> : <RulesShown tenant={query.data} />}
    </section>
  );
}
