import { Alert, Button, Loader } from '@mantine/core';
import type { Channel, Template } from '../../api/client';
import { Problem } from '../../api/problem';
import { useInterface, useSentence, type TextKey } from '../../language/interface';
import { Trouble } from '../../style/Trouble';
import { useMay } from '../session/permission';
import { useChannels } from './queries';
import { useRefreshTemplates, useTemplates } from './ruleQueries';
import { TemplateEntry } from './TemplateEntry';

const REFUSALS: Record<string, TextKey> = {
  provider_refused: 'templates_refused',
  dependency_unavailable: 'templates_unanswered',
};

/** The templates of every account that has them. */
export function Templates() {
  const { tr } = useInterface();
  const query = useChannels();
  if (query.error) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loader aria-label={tr('loading')} role="status" />;
  const accounts = query.data.items.filter(
    ({ has_templates, disconnected_at }) => has_templates && !disconnected_at,
  );
  return (
    <section className="templates">
      <h2>{tr('templates')}</h2>
      <p className="soft">{tr(accounts.length > 0 ? 'templates_lead' : 'templates_nowhere')}</p>
      {accounts.map((each) => (
        <Account key={each.id} account={each} />
      ))}
    </section>
  );
}

function Account({ account }: { account: Channel }) {
  const { tr } = useInterface();
  const title = `templates-${account.id}`;
  const query = useTemplates(account.id);
  const items = query.data?.items;
  return (
    <section aria-labelledby={title}>
      <h3 id={title}>
        <bdi>{account.name}</bdi>
      </h3>
      {query.error && <Trouble problem={query.error} retry={() => void query.refetch()} />}
      {!items && query.isPending && <Loader aria-label={tr('loading')} role="status" />}
      {items?.length === 0 && <p>{tr('templates_empty')}</p>}
      {items && items.length > 0 && <List account={account.id} items={items} />}
      {useMay('channels:write') && <AskNow account={account} />}
    </section>
  );
}

function List({ account, items }: { account: string; items: Template[] }) {
  return (
    <ul className="letters template-list">
      {items.map((each) => (
        <TemplateEntry key={each.id} account={account} template={each} />
      ))}
    </ul>
  );
}

function AskNow({ account }: { account: Channel }) {
  const { tr } = useInterface();
  const sentence = useSentence();
  const ask = useRefreshTemplates(account.id);
  const refusal = ask.error instanceof Problem && REFUSALS[ask.error.code];
  return (
    <div className="troubled-ways">
      <Button
        variant="default"
        loading={ask.isPending}
        onClick={() => ask.mutate()}
        aria-label={`${tr('templates_refresh')}: ${account.name}`}
      >
        {tr('templates_refresh')}
      </Button>
      <span role="status">{ask.isSuccess && tr('templates_told', { count: ask.data.items.length })}</span>
      {ask.error && (
        <Alert color="red" role="alert">
          {refusal ? tr(refusal) : sentence(ask.error)}
        </Alert>
      )}
    </div>
  );
}
