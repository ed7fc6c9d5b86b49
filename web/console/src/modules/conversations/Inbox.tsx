import { ActionIcon, Button } from '@mantine/core';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useInterface } from '../../language/interface';
import { LanguagePicker } from '../../language/LanguagePicker';
import { Logo } from '../../style/Logo';
import { OpenLetters } from '../channels/OpenLetters';
import { useMay } from '../session/permission';
import { session, type Granted } from '../session/session';
import { ConversationList } from './ConversationList';
import { useLive } from './live';
import { listed, useConversations, type Filter } from './queries';
import { ShortcutHelp } from './ShortcutHelp';
import { useShortcuts, useShortcutSwitch } from './shortcuts';
import { Thread } from './Thread';

const CALM_BEFORE_TELLING_MS = 4_000;

/** True once updates have been interrupted for long enough that somebody should know. */
function useIsLiveLost(): boolean {
  const state = useLive();
  const [isLost, setLost] = useState(false);
  const isFine = state === 'ready' || state === 'idle';
  useEffect(() => {
    const timer = setTimeout(() => setLost(!isFine), isFine ? 0 : CALM_BEFORE_TELLING_MS);
    return () => clearTimeout(timer);
  }, [isFine]);
  return isLost;
}

/** Where the address says we are, and the ways to go elsewhere. */
function usePlace() {
  const navigate = useNavigate();
  const { conversationId } = useParams({ strict: false });
  const { state: filter = 'all' } = useSearch({ strict: false });
  const open = (id: string) => {
    const params = { conversationId: id };
    void navigate({ to: '/conversations/$conversationId', params, search: { state: filter } });
  };
  const toList = (state: Filter) => void navigate({ to: '/', search: { state } });
  return { conversationId, filter, open, toList };
}

export function Inbox({ granted }: { granted: Granted }) {
  const { conversationId, filter, open, toList } = usePlace();
  const query = useConversations(filter);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isOn, setOn] = useShortcutSwitch();
  const identity = granted.identity.id;
  const step = (by: number) => {
    const ids = listed(query.data).map(({ id }) => id);
    const next = ids[Math.max(0, conversationId ? ids.indexOf(conversationId) + by : 0)];
    if (next) open(next);
  };
  useShortcuts(isOn, {
    next: () => step(1),
    previous: () => step(-1),
    list: () => toList(filter),
    help: () => setHelpOpen(true),
  });
  return (
    <div className="console" data-open={conversationId !== undefined || undefined}>
      <TopBar granted={granted} help={() => setHelpOpen(true)} />
      <LiveLost />
      <div className="panes">
        <ConversationList
          query={query}
          filter={filter}
          setFilter={toList}
          current={conversationId}
          identity={identity}
        />
        <main className="thread">
          {conversationId ? (
            <Thread
              key={conversationId}
              id={conversationId}
              filter={filter}
              identity={identity}
              shortcuts={isOn}
            />
          ) : (
            <NothingChosen />
          )}
        </main>
      </div>
      <ShortcutHelp opened={isHelpOpen} close={() => setHelpOpen(false)} isOn={isOn} setOn={setOn} />
    </div>
  );
}

function NothingChosen() {
  const { tr } = useInterface();
  return <p className="empty">{tr('choose_conversation')}</p>;
}

function LiveLost() {
  const { tr } = useInterface();
  const isLost = useIsLiveLost();
  return isLost ? (
    <p className="live-lost" role="status">
      {tr('live_lost')}
    </p>
  ) : null;
}

function TopBar({ granted, help }: { granted: Granted; help: () => void }) {
  const { tr } = useInterface();
  const may = useMay('channels:read');
  useEffect(() => {
    document.title = `${tr('inbox')} · ${granted.tenant.name} · Lumi`;
  }, [tr, granted.tenant.name]);
  return (
    <header className="top">
      <p className="mark">
        <Logo /> <span>{granted.tenant.name}</span>
      </p>
      {may && (
        <Link to="/channels">
          {tr('channels')} <OpenLetters />
        </Link>
      )}
      <LanguagePicker />
      <ActionIcon
        variant="subtle"
        className="keys"
        size="lg"
        aria-label={tr('shortcuts')}
        title={tr('shortcuts')}
        onClick={help}
      >
        ?
      </ActionIcon>
      <Button variant="subtle" onClick={() => void session.signOut()} title={granted.identity.email}>
        {tr('sign_out')}
      </Button>
    </header>
  );
}
