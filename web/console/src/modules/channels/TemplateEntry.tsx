import { Alert, Checkbox } from '@mantine/core';
import type { Template } from '../../api/client';
import { useInterface, useSentence, type TextKey } from '../../language/interface';
import { useMay } from '../session/permission';
import { useChooseTemplate } from './ruleQueries';
import { languageName } from './templateWords';

/** What the provider says of it: a word, a sign of its own and the colour of an account in that state. */
const STATES: Record<Template['status'], { sign: string; key: TextKey; like: string }> = {
  approved: { sign: '✓', key: 'template_approved', like: 'well' },
  pending: { sign: '…', key: 'template_pending', like: 'unheard' },
  paused: { sign: '!', key: 'template_paused', like: 'attention' },
  rejected: { sign: '✕', key: 'template_rejected', like: 'broken' },
  disabled: { sign: '–', key: 'template_disabled', like: 'disconnected' },
};

/** One template: what it says, whether it may be sent, and whether it reopens conversations. */
export function TemplateEntry({ account, template }: { account: string; template: Template }) {
  const { tr, language } = useInterface();
  const { sign, key, like } = STATES[template.status];
  const title = `template-${template.id}`;
  return (
    <li className="letter template" aria-labelledby={title}>
      <h4 id={title}>
        <bdi dir="ltr">{template.name}</bdi>{' '}
        <bdi className="soft">{languageName(template.language, language)}</bdi>
      </h4>
      <p className="channel-state" data-state={like}>
        <span aria-hidden="true">{sign}</span> {tr(key)}
      </p>
      {template.reason && (
        <p className="soft">
          {tr('connect_said')}: <bdi dir="auto">{template.reason}</bdi>
        </p>
      )}
      <p className="template-body" dir="auto" lang={template.language.replace('_', '-')}>
        {template.body}
      </p>
      <Choice account={account} template={template} />
    </li>
  );
}

function Choice({ account, template }: { account: string; template: Template }) {
  const { tr, language } = useInterface();
  const sentence = useSentence();
  const choose = useChooseTemplate(account, template.id);
  const isChosen = template.purpose === 'reopen';
  if (!useMay('channels:write')) return isChosen && <p>{tr('template_reopens')}</p>;
  return (
    <>
      <Checkbox
        label={tr('template_reopens')}
        aria-label={`${tr('template_reopens')}: ${template.name}, ${languageName(template.language, language)}`}
        checked={choose.isPending ? choose.variables : isChosen}
        onChange={(event) => choose.mutate(event.currentTarget.checked)}
      />
      {choose.error && (
        <Alert color="red" role="alert">
          {sentence(choose.error)}
        </Alert>
      )}
    </>
  );
}
