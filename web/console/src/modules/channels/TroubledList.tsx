import { Alert, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Troubled } from '../../api/client';
import { useInterface, useSentence } from '../../language/interface';
import { More } from '../../style/More';
import { Trouble as TroubleBox } from '../../style/Trouble';
import { useMay } from '../session/permission';
import { useSendAgain, useTroubled, type Trouble } from './queries';

/** Messages that did not surely arrive, each with why, and the button that sends it again. */
export function TroubledList({ account, state }: { account: string; state: Trouble }) {
  const { language } = useInterface();
  const query = useTroubled(account, state, language);
  if (query.error) return <TroubleBox problem={query.error} retry={() => void query.refetch()} />;
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="troubled">
      <ul>
        {items.map((each) => (
          <Entry key={each.id} entry={each} />
        ))}
      </ul>
      <More of={query} />
    </div>
  );
}

function Entry({ entry }: { entry: Troubled }) {
  const { tr, language } = useInterface();
  const sentence = useSentence();
  const again = useSendAgain();
  const may = useMay('conversations:write');
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <li>
      <p>
        <bdi dir="auto">{entry.text}</bdi>
      </p>
      <p className="soft">
        <time dateTime={entry.at}>{when.format(new Date(entry.at))}</time> · <bdi>{entry.says}</bdi>
      </p>
      <div className="troubled-ways">
        {may && (
          <Button variant="default" size="xs" loading={again.isPending} onClick={() => again.mutate(entry)}>
            {tr('send_again')}
          </Button>
        )}
        <Link to="/conversations/$conversationId" params={{ conversationId: entry.conversation_id }}>
          {tr('open_conversation')}
        </Link>
      </div>
      {again.error && (
        <Alert color="red" role="alert">
          {sentence(again.error)}
        </Alert>
      )}
    </li>
  );
}
