import { Button, Loader } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useInterface } from '../../language/interface';
import { LanguagePicker } from '../../language/LanguagePicker';
import { Logo } from '../../style/Logo';
import { Trouble } from '../../style/Trouble';
import { useLive } from '../conversations/live';
import { session, type Granted } from '../session/session';
import { ChannelCard } from './ChannelCard';
import { useChannels } from './queries';

/** Every account people write to, and how it is. */
export function Channels({ granted }: { granted: Granted }) {
  const { tr } = useInterface();
  useLive();
  return (
    <div className="console">
      <TopBar granted={granted} />
      <main className="channels">
        <h1>{tr('channels')}</h1>
        <Accounts />
      </main>
    </div>
  );
}

function Accounts() {
  const { tr } = useInterface();
  const query = useChannels();
  if (query.error) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loader aria-label={tr('loading')} role="status" />;
  // Lumi's own terminal is no channel that anybody outside writes to.
  const shown = query.data.items.filter(
    ({ channel, disconnected_at }) => channel !== 'terminal' && !disconnected_at,
  );
  if (shown.length === 0) return <p className="empty">{tr('channels_empty')}</p>;
  return (
    <div className="channel-grid">
      {shown.map((channel) => (
        <ChannelCard key={channel.id} channel={channel} />
      ))}
    </div>
  );
}

function TopBar({ granted }: { granted: Granted }) {
  const { tr } = useInterface();
  useEffect(() => {
    document.title = `${tr('channels')} · ${granted.tenant.name} · Lumi`;
  }, [tr, granted.tenant.name]);
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
