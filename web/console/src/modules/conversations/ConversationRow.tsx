import { Link } from '@tanstack/react-router';
import { isSameDay, timeOfDay } from '../../../../languages/clock';
import type { Language } from '../../../../languages/languages';
import type { Conversation } from '../../api/client';
import { useInterface } from '../../language/interface';
import type { Filter } from './queries';
import { channelName } from '../channels/names';
import { guestName, previewAuthor, previewText } from './words';

interface Props {
  conversation: Conversation;
  filter: Filter;
  isCurrent: boolean;
  isUnread: boolean;
  identity: string;
}

function when(at: string, language: Language): string {
  if (isSameDay(at, new Date())) return timeOfDay(at, language);
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' }).format(new Date(at));
}

export function ConversationRow({ conversation, filter, isCurrent, isUnread, identity }: Props) {
  const { tr, language } = useInterface();
  const { id, channel, last, active_at } = conversation;
  const speaker = last && previewAuthor(last, tr);
  return (
    <li>
      <Link
        to="/conversations/$conversationId"
        params={{ conversationId: id }}
        search={{ state: filter }}
        className="row"
        aria-current={isCurrent ? 'true' : undefined}
        data-unread={isUnread || undefined}
      >
        <span className="row-top">
          <span className="row-name">
            <bdi>{guestName(conversation, tr)}</bdi>
          </span>
          <time dateTime={active_at}>{when(active_at, language)}</time>
        </span>
        <span className="row-text">
          {speaker && <span className="row-speaker">{speaker}:</span>}
          <bdi dir="auto">{last && previewText(last, tr)}</bdi>
        </span>
        <span className="row-marks">
          <span className="row-channel">{channelName(channel, tr)}</span>
          <StateMark conversation={conversation} identity={identity} />
          {isUnread && <span className="visually-hidden">{tr('unread')}</span>}
        </span>
      </Link>
    </li>
  );
}

function StateMark({ conversation, identity }: { conversation: Conversation; identity: string }) {
  const { tr } = useInterface();
  const { held_by, wants_human_at } = conversation;
  if (held_by) {
    const words = held_by.id === identity ? tr('held_by_you') : tr('held_by', { name: held_by.name });
    return <span className="tag">{words}</span>;
  }
  return wants_human_at ? (
    <span className="tag" data-waiting>
      {tr('waiting_for_person')}
    </span>
  ) : null;
}
