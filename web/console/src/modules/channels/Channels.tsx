import { Button, Loader } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useInterface } from '../../language/interface';
import { Trouble } from '../../style/Trouble';
import { useMay } from '../session/permission';
import type { Granted } from '../session/session';
import { ChannelCard } from './ChannelCard';
import { Page } from './Page';
import { useChannels } from './queries';

/** Every account people write to, and how it is. */
export function Channels({ granted }: { granted: Granted }) {
  const { tr } = useInterface();
  return (
    <Page granted={granted} title={tr('channels')}>
      <Accounts />
    </Page>
  );
}

function Accounts() {
  const { tr } = useInterface();
  const query = useChannels();
  if (query.error) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loader aria-label={tr('loading')} role="status" />;
  const shown = query.data.items.filter(
    ({ from_outside, disconnected_at }) => from_outside && !disconnected_at,
  );
  return (
    <>
      <WayToConnect />
      {shown.length === 0 && <p className="empty">{tr('channels_empty')}</p>}
      <div className="channel-grid">
        {shown.map((channel) => (
          <ChannelCard key={channel.id} channel={channel} />
        ))}
      </div>
    </>
  );
}

function WayToConnect() {
  const { tr } = useInterface();
  if (!useMay('channels:write')) return null;
  return (
    <p className="page-ways">
      <Button component={Link} to="/channels/connect">
        {tr('connect')}
      </Button>
    </p>
  );
}
