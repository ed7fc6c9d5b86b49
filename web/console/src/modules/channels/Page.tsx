import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { useInterface } from '../../language/interface';
import { LanguagePicker } from '../../language/LanguagePicker';
import { Logo } from '../../style/Logo';
import { useLive } from '../conversations/live';
import { useMay } from '../session/permission';
import { session, type Granted } from '../session/session';
import { OpenLetters } from './OpenLetters';

/** A page about channels: the bar above, the ways to the others beside it, and its title. */
export function Page({ granted, title, children }: { granted: Granted; title: string; children: ReactNode }) {
  useLive();
  useEffect(() => {
    document.title = `${title} · ${granted.tenant.name} · Lumi`;
  }, [title, granted.tenant.name]);
  return (
    <div className="console">
      <TopBar granted={granted} />
      <main className="channels">
        <Pages />
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}

function TopBar({ granted }: { granted: Granted }) {
  const { tr } = useInterface();
  return (
    <header className="top">
      <p className="mark">
        <Logo /> <span>{granted.tenant.name}</span>
      </p>
      <Link to="/">{tr('inbox')}</Link>
      <LanguagePicker />
      <Button variant="subtle" onClick={() => void session.signOut()} title={granted.identity.email}>
        {tr('sign_out')}
      </Button>
    </header>
  );
}

/** Where this page stands is said to screen readers by the link itself. */
function Pages() {
  const { tr } = useInterface();
  return (
    <nav className="pages" aria-label={tr('channels_pages')}>
      <Link to="/channels" activeOptions={{ exact: true }}>
        {tr('accounts')}
      </Link>
      {useMay('dead_letters:read') && (
        <Link to="/channels/letters">
          {tr('letters')} <OpenLetters />
        </Link>
      )}
      {useMay('tenants:read') && <Link to="/channels/rules">{tr('rules')}</Link>}
    </nav>
  );
}
