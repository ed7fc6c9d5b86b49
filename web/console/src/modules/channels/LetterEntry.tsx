import { Alert, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Letter } from '../../api/client';
import { useInterface, useSentence } from '../../language/interface';
import { sizeText } from '../conversations/attachment';
import { channelName } from './names';
import { useMay } from '../session/permission';
import { useDealWith } from './letterQueries';
import { canRequeue, channelOf, conversationOf, isWhole, kindText, whyText } from './letter';

/** One letter: what it was, why it is here, what came, and what can be done. */
export function LetterEntry({ letter }: { letter: Letter }) {
  const { tr, language } = useInterface();
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const at = (moment: string) => when.format(new Date(moment));
  const title = `letter-${letter.id}`;
  return (
    <li className="letter" aria-labelledby={title}>
      <h2 id={title}>
        <bdi>
          {tr(kindText(letter.source))}
          {letter.source === 'webhook' && ` · ${channelName(channelOf(letter), tr)}`}
        </bdi>{' '}
        <bdi className="soft">
          <time dateTime={letter.created_at}>{at(letter.created_at)}</time>
        </bdi>
      </h2>
      <p>{tr(whyText(letter.source))}</p>
      <p className="soft">
        <bdi dir="auto">{letter.reason}</bdi>
      </p>
      <Body letter={letter} />
      {letter.closed_at ? (
        <p className="soft">
          {letter.requeued_at
            ? tr('letter_requeued_at', { at: at(letter.requeued_at) })
            : tr('letter_closed_at', { at: at(letter.closed_at) })}
        </p>
      ) : null}
      <Ways letter={letter} />
    </li>
  );
}

function Body({ letter }: { letter: Letter }) {
  const { tr, language } = useInterface();
  const size = sizeText(letter.body_bytes, language);
  return (
    <details>
      <summary>{isWhole(letter) ? tr('letter_body') : tr('letter_body_part', { size })}</summary>
      <pre dir="ltr">{letter.body}</pre>
    </details>
  );
}

function Ways({ letter }: { letter: Letter }) {
  const { tr } = useInterface();
  const conversation = conversationOf(letter);
  return (
    <div className="troubled-ways">
      {useMay('dead_letters:write') && letter.closed_at === null && <Deeds letter={letter} />}
      {conversation && (
        <Link to="/conversations/$conversationId" params={{ conversationId: conversation }}>
          {tr('open_conversation')}
        </Link>
      )}
    </div>
  );
}

function Deeds({ letter }: { letter: Letter }) {
  const { tr } = useInterface();
  const sentence = useSentence();
  const deal = useDealWith(letter);
  const isAt = (deed: typeof deal.variables) => deal.isPending && deal.variables === deed;
  return (
    <>
      {canRequeue(letter) && (
        <Button size="xs" loading={isAt('requeue')} onClick={() => deal.mutate('requeue')}>
          {tr('letter_requeue')}
        </Button>
      )}
      <Button variant="default" size="xs" loading={isAt('close')} onClick={() => deal.mutate('close')}>
        {tr('letter_close')}
      </Button>
      {deal.error && (
        <Alert color="red" role="alert">
          {sentence(deal.error)}
        </Alert>
      )}
    </>
  );
}
