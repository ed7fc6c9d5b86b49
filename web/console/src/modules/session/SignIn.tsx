import { Alert, Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Problem, type TenantChoice } from '../../api/problem';
import { useInterface, useSentence, type TextKey } from '../../language/interface';
import { LanguagePicker } from '../../language/LanguagePicker';
import { Logo } from '../../style/Logo';
import { session } from './session';

interface Fields {
  email: string;
  password: string;
  tenant: string;
}

function missing(fields: Fields): Partial<Record<keyof Fields, TextKey>> {
  return {
    ...(fields.email.trim() === '' && { email: 'email_missing' as const }),
    ...(fields.password === '' && { password: 'password_missing' as const }),
  };
}

/** Email, password and, for who works for several organisations, which one. */
export function SignIn({ hasEnded }: { hasEnded: boolean }) {
  const { tr } = useInterface();
  const [tenants, setTenants] = useState<TenantChoice[]>([]);
  const [fields, setFields] = useState<Fields>({ email: '', password: '', tenant: '' });
  return (
    <main className="sign-in">
      <div className="sign-in-top">
        <p className="mark">
          <Logo /> Lumi
        </p>
        <LanguagePicker />
      </div>
      <h1>{tr('sign_in')}</h1>
      <p className="soft">{tr('sign_in_lead')}</p>
      {hasEnded && <Alert role="status">{tr('session_ended')}</Alert>}
      <SignInForm fields={fields} setFields={setFields} tenants={tenants} setTenants={setTenants} />
    </main>
  );
}

interface FormProps {
  fields: Fields;
  setFields: (fields: Fields) => void;
  tenants: TenantChoice[];
  setTenants: (tenants: TenantChoice[]) => void;
}

function SignInForm({ fields, setFields, tenants, setTenants }: FormProps) {
  const { tr } = useInterface();
  const { submit, wrong, refusal, isBusy } = useSignIn(fields, setFields, setTenants);
  const set = (name: keyof Fields) => (event: { currentTarget: { value: string } }) =>
    setFields({ ...fields, [name]: event.currentTarget.value });
  return (
    <form className="sign-in-form" onSubmit={submit} noValidate>
      <TextInput
        label={tr('email')}
        type="email"
        autoComplete="username"
        dir="ltr"
        value={fields.email}
        onChange={set('email')}
        error={wrong.email && tr(wrong.email)}
      />
      <PasswordInput
        label={tr('password')}
        autoComplete="current-password"
        value={fields.password}
        onChange={set('password')}
        error={wrong.password && tr(wrong.password)}
        visibilityToggleButtonProps={{ 'aria-label': tr('show_password') }}
      />
      {tenants.length > 0 && (
        <NativeSelect
          label={tr('organisation')}
          description={tr('organisation_choose')}
          data={tenants.map(({ slug, name }) => ({ value: slug, label: name }))}
          value={fields.tenant}
          onChange={set('tenant')}
        />
      )}
      {refusal && (
        <Alert color="red" role="alert">
          {refusal}
        </Alert>
      )}
      <Button type="submit" size="md" loading={isBusy}>
        {tr('sign_in')}
      </Button>
    </form>
  );
}

function useSignIn(fields: Fields, setFields: FormProps['setFields'], setTenants: FormProps['setTenants']) {
  const sentence = useSentence();
  const [wrong, setWrong] = useState<Partial<Record<keyof Fields, TextKey>>>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  const attempt = async () => {
    setBusy(true);
    try {
      await session.signIn(fields.email.trim(), fields.password, fields.tenant || undefined);
    } catch (caught) {
      const choices = caught instanceof Problem && caught.status === 409 ? caught.tenants : [];
      if (choices[0]) {
        setTenants(choices);
        setFields({ ...fields, tenant: choices[0].slug });
      } else setProblem(caught);
    }
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const gaps = missing(fields);
    setWrong(gaps);
    setProblem(null);
    if (Object.keys(gaps).length === 0) void attempt();
  };
  const refusal = problem ? sentence(problem) : null;
  return { submit, wrong, refusal, isBusy };
}
