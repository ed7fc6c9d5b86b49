import { Alert, Button, Checkbox, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Tenant } from '../../api/client';
import { useInterface, useSentence } from '../../language/interface';
import { focusOn } from './focus';
import { isOutdated, useChangeRules } from './ruleQueries';
import { draftOf, edited, flawsOf, MOST, NO_EDITS, settingsOf, type Draft, type Flaws } from './rules';

/** Quiet hours, caps and consent. What is changed here is saved as a whole; a flaw is said at its field. */
export function RulesForm({ tenant }: { tenant: Tenant }) {
  const { tr } = useInterface();
  const { draft, set, flaws, submit, save } = useRules(tenant);
  const field = { draft, set, flaws };
  return (
    <form className="rules-form" onSubmit={submit} noValidate>
      <fieldset>
        <legend>{tr('quiet')}</legend>
        <div className="rules-pair">
          <Time {...field} name="quiet_from" />
          <Time {...field} name="quiet_until" />
        </div>
        <p className="soft">{tr('quiet_hint')}</p>
      </fieldset>
      <fieldset>
        <legend>{tr('caps')}</legend>
        <div className="rules-pair">
          <Cap {...field} name="proactive_per_day" label={tr('cap_day')} />
          <Cap {...field} name="proactive_per_week" label={tr('cap_week')} />
        </div>
        <p className="soft">{tr('cap_hint')}</p>
      </fieldset>
      <Checkbox
        label={tr('needs_consent')}
        description={tr('needs_consent_hint')}
        checked={draft.proactive_needs_consent}
        onChange={(event) => set({ proactive_needs_consent: event.currentTarget.checked })}
      />
      <Outcome save={save} />
      <Button type="submit" size="md" loading={save.isPending}>
        {tr('save')}
      </Button>
    </form>
  );
}

function useRules(tenant: Tenant) {
  const [edits, setEdits] = useState(NO_EDITS);
  const [flaws, setFlaws] = useState<Flaws>({});
  const save = useChangeRules();
  const draft = { ...draftOf(tenant.settings), ...edits.changed };
  const set = (changed: Partial<Draft>) => {
    save.reset();
    setEdits((before) => edited(before, tenant.version, changed));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = flawsOf(draft);
    setFlaws(found);
    const [first] = Object.keys(found);
    if (first) {
      focusOn(event.currentTarget, first);
      return;
    }
    const change = { version: edits.version ?? tenant.version, settings: settingsOf(edits.changed) };
    save.mutate(change, {
      onSuccess: () => setEdits(NO_EDITS),
      onError: (problem) => isOutdated(problem) && setEdits(NO_EDITS),
    });
  };
  return { draft, set, flaws, submit, save };
}

interface FieldProps {
  draft: Draft;
  set: (changed: Partial<Draft>) => void;
  flaws: Flaws;
}

function Time({ name, draft, set, flaws }: FieldProps & { name: 'quiet_from' | 'quiet_until' }) {
  const { tr } = useInterface();
  const flaw = flaws[name];
  return (
    <TextInput
      type="time"
      name={name}
      label={tr(name)}
      value={draft[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      error={flaw && tr(flaw.key)}
    />
  );
}

interface CapProps extends FieldProps {
  name: keyof typeof MOST;
  label: string;
}

function Cap({ name, label, draft, set, flaws }: CapProps) {
  const { tr } = useInterface();
  const flaw = flaws[name];
  return (
    <TextInput
      type="number"
      inputMode="numeric"
      min={0}
      max={MOST[name]}
      name={name}
      label={label}
      value={draft[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      error={flaw && tr(flaw.key, flaw.variables)}
    />
  );
}

function Outcome({ save }: { save: ReturnType<typeof useChangeRules> }) {
  const { tr } = useInterface();
  const sentence = useSentence();
  return (
    <>
      {save.error && (
        <Alert color="red" role="alert">
          {sentence(save.error)}
        </Alert>
      )}
      <p role="status">{save.isSuccess && tr('saved')}</p>
    </>
  );
}
