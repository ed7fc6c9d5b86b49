import { Button, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Channel, ChannelStatus } from '../../api/client';
import { useInterface, type TextKey } from '../../language/interface';
import { Trouble as TroubleBox } from '../../style/Trouble';
import { channelName } from './names';
import { useMay } from '../session/permission';
import { Deliveries } from './Deliveries';
import { Disconnect } from './Disconnect';
import { Hours } from './Hours';
import { TROUBLES, useNeeds, useStatus, type Trouble } from './queries';
import { timeLeft } from './token';
import { TroubledList } from './TroubledList';

/** State in a word and a sign of its own, so that colour is never alone. */
const STATES: Record<ChannelStatus['state'], { sign: string; key: TextKey }> = {
  well: { sign: '✓', key: 'channel_well' },
  unheard: { sign: '…', key: 'channel_unheard' },
  attention: { sign: '!', key: 'channel_attention' },
  broken: { sign: '✕', key: 'channel_broken' },
  disconnected: { sign: '–', key: 'channel_disconnected' },
};

const COUNTS: Record<Trouble, TextKey> = {
  unknown: 'troubled_unknown',
  failed: 'troubled_failed',
  held: 'troubled_held',
};

export function ChannelCard({ channel }: { channel: Channel }) {
  const { tr, language } = useInterface();
  const query = useStatus(channel.id, language);
  const { sign, key } = STATES[query.data?.state ?? channel.state];
  return (
    <article className="channel" aria-labelledby={`channel-${channel.id}`}>
      <header>
        <h2 id={`channel-${channel.id}`}>
          <bdi>{channel.name}</bdi> <span className="soft">{channelName(channel.channel, tr)}</span>
        </h2>
        <p className="channel-state" data-state={query.data?.state ?? channel.state}>
          <span aria-hidden="true">{sign}</span> {tr(key)}
        </p>
      </header>
      {query.error ? (
        <TroubleBox problem={query.error} retry={() => void query.refetch()} />
      ) : query.data ? (
        <Details status={query.data} />
      ) : (
        <Skeleton height={160} />
      )}
      {useMay('channels:write') && <Ways channel={channel} />}
    </article>
  );
}

/** What can be done with an account that somebody connected; Lumi's own surfaces are always there. */
function Ways({ channel }: { channel: Channel }) {
  const { tr } = useInterface();
  const needs = useNeeds();
  if (!needs.data?.items.some((each) => each.channel === channel.channel)) return null;
  return (
    <div className="channel-ways">
      <Button
        variant="subtle"
        size="xs"
        renderRoot={(props) => (
          <Link to="/channels/connect" search={{ channel: channel.channel }} {...props} />
        )}
      >
        {tr('connect_again')}
      </Button>
      <Disconnect account={channel} />
    </div>
  );
}

function Details({ status }: { status: ChannelStatus }) {
  return (
    <>
      {status.alerts.length > 0 && (
        <ul className="channel-alerts">
          {status.alerts.map(({ kind, says }) => (
            <li key={kind}>{says}</li>
          ))}
        </ul>
      )}
      <Hours hours={status.hours} />
      <Facts status={status} />
      <Deliveries counts={status.deliveries} />
      <Troubles status={status} />
    </>
  );
}

function Facts({ status }: { status: ChannelStatus }) {
  const { tr } = useInterface();
  const { heard_at, token, failure } = status;
  return (
    <dl className="channel-facts">
      <div>
        <dt>{tr('heard_last')}</dt>
        <dd>{heard_at ? <When at={heard_at} /> : tr('heard_never')}</dd>
      </div>
      <div>
        <dt>{tr('access')}</dt>
        <dd>
          <Token token={token} />
        </dd>
      </div>
      {failure && <LastFailure failure={failure} />}
    </dl>
  );
}

function LastFailure({ failure }: { failure: NonNullable<ChannelStatus['failure']> }) {
  const { tr } = useInterface();
  return (
    <div>
      <dt>{tr('last_error')}</dt>
      <dd>
        {failure.says} <When at={failure.at} />
        <p className="soft" dir="auto">
          {failure.said}
        </p>
      </dd>
    </div>
  );
}

function When({ at }: { at: string }) {
  const { language } = useInterface();
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return <time dateTime={at}>{when.format(new Date(at))}</time>;
}

function Token({ token }: { token: ChannelStatus['token'] }) {
  const { tr, language } = useInterface();
  const [now] = useState(Date.now);
  if (token.refused_at) return tr('access_refused');
  if (token.expires_at === null) return tr('access_endless');
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(token.expires_at));
  const ends = token.has_ended
    ? tr('access_ended', { day })
    : tr('access_ends', { day, left: timeLeft(token, now, language) });
  return <time dateTime={token.expires_at}>{ends}</time>;
}

function Troubles({ status }: { status: ChannelStatus }) {
  const { tr } = useInterface();
  const [open, setOpen] = useState<Trouble | null>(null);
  const there = TROUBLES.filter((state) => status.deliveries[state] > 0);
  if (there.length === 0) return <p className="soft">{tr('troubled_none')}</p>;
  return (
    <section aria-label={tr('troubled')}>
      <h3>{tr('troubled')}</h3>
      <div className="troubled-counts">
        {there.map((state) => (
          <button
            key={state}
            type="button"
            aria-expanded={open === state}
            onClick={() => setOpen(open === state ? null : state)}
          >
            <strong>{status.deliveries[state]}</strong> {tr(COUNTS[state])}
          </button>
        ))}
      </div>
      {open && there.includes(open) && <TroubledList account={status.id} state={open} />}
    </section>
  );
}
