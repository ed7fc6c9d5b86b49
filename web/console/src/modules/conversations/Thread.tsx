import { ActionIcon, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Conversation } from '../../api/client';
import { useInterface } from '../../language/interface';
import { Trouble } from '../../style/Trouble';
import { Holding } from './Holding';
import { MessageLog } from './MessageLog';
import { STRETCH, useConversation, useHandBack, useMessages, useTakeOver, type Filter } from './queries';
import { ReplyBox } from './ReplyBox';
import { seenBy } from './seen';
import { useShortcuts } from './shortcuts';
import { channelName } from '../channels/names';
import { guestName } from './words';

interface Props {
  id: string;
  filter: Filter;
  identity: string;
  shortcuts: boolean;
}

export function Thread({ id, filter, identity, shortcuts }: Props) {
  const query = useConversation(id);
  if (query.isPending) return <ThreadSkeleton />;
  if (!query.data) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  return <OpenThread conversation={query.data} filter={filter} identity={identity} shortcuts={shortcuts} />;
}

type OpenProps = Omit<Props, 'id'> & { conversation: Conversation };

function OpenThread({ conversation, filter, identity, shortcuts }: OpenProps) {
  const { id } = conversation;
  const takeOver = useTakeOver(id);
  const handBack = useHandBack(id);
  const field = useRef<HTMLTextAreaElement>(null);
  useShortcuts(shortcuts, {
    reply: () => field.current?.focus(),
    take_over: () => conversation.held_by ?? conversation.merged_into ?? takeOver.mutate(),
    hand_back: () => conversation.held_by && handBack.mutate(),
  });
  return (
    <>
      <ThreadHead conversation={conversation} filter={filter} />
      <MergedWith conversation={conversation} filter={filter} />
      {conversation.merged_into === null && (
        <Holding conversation={conversation} identity={identity} takeOver={takeOver} handBack={handBack} />
      )}
      <Messages conversation={conversation} identity={identity} />
      {conversation.merged_into === null && <ReplyBox key={id} conversationId={id} field={field} />}
    </>
  );
}

/** Where a conversation goes on that was closed for another of the same person, and which were closed for this one. */
function MergedWith({ conversation, filter }: { conversation: Conversation; filter: Filter }) {
  const { tr } = useInterface();
  const { merged, merged_into } = conversation;
  const others = merged_into === null ? merged : [merged_into];
  return others.map((id) => (
    <p key={id} className="soft merged" role="note">
      <Link to="/conversations/$conversationId" params={{ conversationId: id }} search={{ state: filter }}>
        {tr(merged_into === null ? 'merged_earlier' : 'merged_into')}
      </Link>
    </p>
  ));
}

function Messages({ conversation, identity }: { conversation: Conversation; identity: string }) {
  const { id, last } = conversation;
  const [after, setAfter] = useState(() => Math.max(0, (last?.n ?? 0) - STRETCH));
  const query = useMessages(id, after);
  const newest = query.data?.at(-1)?.n ?? 0;
  useEffect(() => {
    if (newest > 0) seenBy(identity).mark(id, newest);
  }, [id, identity, newest]);
  if (query.isPending) return <MessageSkeletons />;
  if (!query.data) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  return (
    <MessageLog
      conversation={id}
      messages={query.data}
      hasEarlier={after > 0}
      isLoadingEarlier={query.isPlaceholderData}
      showEarlier={() => setAfter(Math.max(0, after - STRETCH))}
    />
  );
}

function ThreadHead({ conversation, filter }: { conversation: Conversation; filter: Filter }) {
  const { tr } = useInterface();
  const name = guestName(conversation, tr);
  const { channel, account_name, contact } = conversation;
  const address = contact?.address && contact.address !== name ? contact.address : null;
  return (
    <header className="thread-head">
      <ActionIcon
        renderRoot={(props) => <Link {...props} to="/" search={{ state: filter }} />}
        variant="subtle"
        size="xl"
        className="to-list"
        aria-label={tr('shortcut_list')}
      >
        <svg viewBox="0 0 24 24" className="icon" aria-hidden="true">
          <path d="M15 5l-7 7 7 7" />
        </svg>
      </ActionIcon>
      <div>
        <h2 aria-label={tr('conversation_with', { name })}>
          <bdi>{name}</bdi>
        </h2>
        <p className="soft">
          {channelName(channel, tr)} · <bdi>{account_name}</bdi>
          {address && (
            <>
              {' · '}
              <bdi dir="ltr">{address}</bdi>
            </>
          )}
        </p>
      </div>
    </header>
  );
}

function ThreadSkeleton() {
  return (
    <>
      <div className="thread-head">
        <Skeleton height={20} width={180} />
      </div>
      <MessageSkeletons />
    </>
  );
}

function MessageSkeletons() {
  const { tr } = useInterface();
  return (
    <div className="message-skeletons" role="status" aria-label={tr('loading')}>
      <Skeleton height={56} width="55%" radius="md" />
      <Skeleton height={84} width="65%" radius="md" className="theirs" />
      <Skeleton height={40} width="40%" radius="md" />
    </div>
  );
}
