import { SegmentedControl, Skeleton } from '@mantine/core';
import { useInterface, type TextKey } from '../../language/interface';
import { More } from '../../style/More';
import { Trouble } from '../../style/Trouble';
import { ConversationRow } from './ConversationRow';
import { FILTERS, listed, type Filter, type useConversations } from './queries';
import { useSeen } from './seen';

const EMPTY: Record<Filter, TextKey> = {
  all: 'empty_all',
  waiting: 'empty_waiting',
  held: 'empty_held',
  unsent: 'empty_unsent',
};
const LABEL: Record<Filter, TextKey> = {
  all: 'filter_all',
  waiting: 'filter_waiting',
  held: 'filter_held',
  unsent: 'filter_unsent',
};

interface Props {
  query: ReturnType<typeof useConversations>;
  filter: Filter;
  setFilter: (filter: Filter) => void;
  current: string | undefined;
  identity: string;
}

export function ConversationList({ query, filter, setFilter, current, identity }: Props) {
  const { tr } = useInterface();
  return (
    <nav className="list" aria-label={tr('inbox')}>
      <div className="list-head">
        <h1>{tr('inbox')}</h1>
        <SegmentedControl
          aria-label={tr('filter')}
          fullWidth
          value={filter}
          onChange={(value) => setFilter(value as Filter)}
          data={FILTERS.map((value) => ({ value, label: tr(LABEL[value]) }))}
        />
      </div>
      <Rows query={query} filter={filter} current={current} identity={identity} />
    </nav>
  );
}

function Rows({ query, filter, current, identity }: Omit<Props, 'setFilter'>) {
  const { tr } = useInterface();
  const seen = useSeen(identity);
  if (query.isPending) return <RowSkeletons label={tr('loading')} />;
  if (query.isError && !query.data)
    return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  const conversations = listed(query.data);
  if (conversations.length === 0) return <p className="empty">{tr(EMPTY[filter])}</p>;
  return (
    <div className="list-scroll">
      <ul className="rows">
        {conversations.map((conversation) => (
          <ConversationRow
            key={conversation.id}
            conversation={conversation}
            filter={filter}
            isCurrent={conversation.id === current}
            isUnread={conversation.id !== current && seen.isUnread(conversation)}
            identity={identity}
          />
        ))}
      </ul>
      <More of={query} fullWidth />
    </div>
  );
}

function RowSkeletons({ label }: { label: string }) {
  return (
    <div className="row-skeletons" role="status" aria-label={label}>
      {[0, 1, 2, 3, 4, 5].map((place) => (
        <div key={place}>
          <Skeleton height={16} width="45%" />
          <Skeleton height={14} mt={8} />
        </div>
      ))}
    </div>
  );
}
