import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api, type ChannelConnected, type ChannelNeeds } from '../../api/client';
import { unwrap } from '../../api/problem';
import { useInterface, useSentence } from '../../language/interface';
import { focusOn } from './focus';
import { whereFound } from './names';
import { givenOf, labelOf, needsIn, refusalOf, waysOf, wordsOf, type Need } from './needs';
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
  const ways = waysOf(channel.needs);
  const [way, setWay] = useState(ways[0]);
  const needs = needsIn(channel.needs, way);
  const { submit, missing, problem, isBusy } = useConnecting(channel.channel, needs, done);
  const place = (way && wordsOf(way)?.found) ?? whereFound(channel.channel);
  const field = (need: Need) => <Field key={need.name} need={need} isMissing={missing.includes(need.name)} />;
  const optional = needs.filter(({ required }) => !required);
  return (
    <form className="connect-form" onSubmit={submit} autoComplete="off" noValidate>
      {ways.length > 1 && <Ways ways={ways} chosen={way} choose={setWay} />}
      {place && <p className="soft">{tr(place)}</p>}
      {needs.filter(({ required }) => required).map(field)}
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

interface WaysProps {
  ways: string[];
  chosen: string | undefined;
  choose: (way: string) => void;
}

function Ways({ ways, chosen, choose }: WaysProps) {
  const { tr } = useInterface();
  return (
    <fieldset className="which">
      <legend>{tr('connect_way')}</legend>
      {ways.map((way) => {
        const words = wordsOf(way);
        return (
          <label key={way}>
            <input
              type="radio"
              name="way"
              value={way}
              checked={way === chosen}
              onChange={() => choose(way)}
            />
            <span>{words ? tr(words.called) : way}</span>
          </label>
        );
      })}
    </fieldset>
  );
}

function useConnecting(channel: string, needs: Need[], done: Props['done']) {
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
    maxLength: 8192,
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
