import { Loader } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ChannelConnected, ChannelNeeds } from '../../api/client';
import { useInterface } from '../../language/interface';
import { Trouble } from '../../style/Trouble';
import { channelName } from './names';
import { useMay } from '../session/permission';
import type { Granted } from '../session/session';
import { Connected } from './Connected';
import { ConnectForm } from './ConnectForm';
import { Page } from './Page';
import { useNeeds } from './queries';

/** Connecting an account: which channel, what it needs, and what is left to be entered at the provider. */
export function Connect({ granted }: { granted: Granted }) {
  const { tr } = useInterface();
  return (
    <Page granted={granted} title={tr('connect')}>
      {useMay('channels:write') ? <Steps /> : <p className="empty">{tr('error_forbidden')}</p>}
    </Page>
  );
}

function Steps() {
  const { tr } = useInterface();
  const query = useNeeds();
  const navigate = useNavigate();
  const { channel } = useSearch({ from: '/channels/connect' });
  const [made, setMade] = useState<ChannelConnected | null>(null);
  if (query.error) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loader aria-label={tr('loading')} role="status" />;
  if (made) return <Connected made={made} again={() => setMade(null)} />;
  const chosen = query.data.items.find((each) => each.channel === channel);
  const choose = (name: string) =>
    void navigate({ to: '/channels/connect', search: { channel: name }, replace: true });
  return (
    <div className="connect">
      <Which items={query.data.items} chosen={channel} choose={choose} />
      {chosen && <ConnectForm key={chosen.channel} channel={chosen} done={setMade} />}
    </div>
  );
}

interface WhichProps {
  items: ChannelNeeds[];
  chosen: string | undefined;
  choose: (channel: string) => void;
}

function Which({ items, chosen, choose }: WhichProps) {
  const { tr } = useInterface();
  return (
    <fieldset className="which">
      <legend>{tr('connect_which')}</legend>
      {items.map(({ channel }) => (
        <label key={channel}>
          <input
            type="radio"
            name="channel"
            value={channel}
            checked={channel === chosen}
            onChange={() => choose(channel)}
          />
          <span>{channelName(channel, tr)}</span>
        </label>
      ))}
    </fieldset>
  );
}
