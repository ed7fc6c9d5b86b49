import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api, type ChannelConnected, type ChannelNeeds } from '../../api/client';
import { unwrap } from '../../api/problem';
import { useInterface, useSentence } from '../../language/interface';
import { focusOn } from './focus';
import { givenOf, labelOf, placeOf, refusalOf, type Need } from './needs';
import { keys } from './queries';

interface Props {
  channel: ChannelNeeds;
  done: (made: ChannelConnected) => void;
}

/**
 * What a channel needs. The fields keep themselves: what is secret is read once, when it is sent, and is in no state
 * of the page; it goes with the form.
 */
export function ConnectForm({ channel, done }: Props) {
  const { tr } = useInterface();
  const { submit, missing, problem, isBusy } = useConnecting(channel, done);
  const place = placeOf(channel.channel);
  const field = (need: Need) => <Field key={need.name} need={need} isMissing={missing.includes(need.name)} />;
  const optional = channel.needs.filter(({ required }) => !required);
  return (
    <form className="connect-form" onSubmit={submit} autoComplete="off" noValidate>
      {place && <p className="soft">{tr(place)}</p>}
      {channel.needs.filter(({ required }) => required).map(field)}
      <TextInput
        name="called"
        label={tr('connect_name')}
        description={tr('connect_name_hint')}
        autoComplete="off"
        maxLength={200}
      />
      {optional.length > 0 && (
        <details>
          <summary>{tr('connect_optional')}</summary>
          <div className="connect-form">{optional.map(field)}</div>
        </details>
      )}
      {problem !== null && <Refused problem={problem} />}
      <Button type="submit" size="md" loading={isBusy}>
        {tr('connect')}
      </Button>
    </form>
  );
}

function useConnecting({ channel, needs }: ChannelNeeds, done: Props['done']) {
  const client = useQueryClient();
  const [missing, setMissing] = useState<string[]>([]);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const attempt = async (credentials: Record<string, string>, name: string) => {
    setBusy(true);
    try {
      const body = { channel, credentials, ...(name && { name }) };
      const made = await unwrap(api.POST('/v1/channels', { body }));
      void client.invalidateQueries({ queryKey: keys.all });
      done(made);
    } catch (caught) {
      setProblem(caught);
      setBusy(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const given = givenOf(needs, form);
    setMissing(given.missing);
    setProblem(null);
    if (given.missing[0]) focusOn(event.currentTarget, given.missing[0]);
    else void attempt(given.credentials, String(form.get('called') ?? '').trim());
  };
  return { submit, missing, problem, isBusy };
}

function Field({ need, isMissing }: { need: Need; isMissing: boolean }) {
  const { tr } = useInterface();
  const label = labelOf(need);
  const shared = {
    name: need.name,
    label: label ? tr(label) : need.says,
    autoComplete: 'off',
    maxLength: 1024,
    spellCheck: false,
    dir: 'ltr',
    required: need.required,
    error: isMissing && tr('connect_missing'),
    'aria-invalid': isMissing,
  };
  return need.secret ? (
    <PasswordInput {...shared} visibilityToggleButtonProps={{ 'aria-label': tr('show_secret') }} />
  ) : (
    <TextInput {...shared} />
  );
}

function Refused({ problem }: { problem: unknown }) {
  const { tr } = useInterface();
  const sentence = useSentence();
  const refusal = refusalOf(problem);
  return (
    <Alert color="red" role="alert">
      <p>{refusal ? tr(refusal.key) : sentence(problem)}</p>
      {refusal?.said && (
        <p className="soft">
          {tr('connect_said')}: <bdi dir="auto">{refusal.said}</bdi>
        </p>
      )}
    </Alert>
  );
}
