import { Button } from '@mantine/core';
import { timeOfDay } from '../../../../languages/clock';
import { nameOfLanguage } from '../../../../languages/languages';
import { pieces, safeUrl } from '../../../../dom/prose';
import type { Message } from '../../api/client';
import { useInterface, useSentence } from '../../language/interface';
import { Attachments } from './Attachments';
import { Content } from './Content';
import { canLeaveAgain, isTrouble, stateText } from './delivery';
import { useSendAgain } from './queries';
import { authorName } from './words';

interface Props {
  conversation: string;
  message: Message;
  opensGroup: boolean;
}

/** One message of the ledger, as staff see it: who, what, on what ground, and whether it arrived. */
export function MessageEntry({ conversation, message, opensGroup }: Props) {
  const { tr, language } = useInterface();
  const { author, text, lang, at, handover, delivery, sources } = message;
  return (
    <div className="entry" data-author={author} data-opens={opensGroup || undefined}>
      <p className={opensGroup ? 'byline' : 'visually-hidden'}>
        <bdi>{authorName(author, message.author_name, tr)}</bdi>
      </p>
      {message.deleted_at ? (
        <div className="bubble taken-back">{tr('message_deleted')}</div>
      ) : (
        <>
          <Attachments attachments={message.attachments} />
          {(text || (message.attachments.length === 0 && !message.content)) && (
            <div className="bubble" dir="auto" lang={lang ?? undefined}>
              <Prose text={text} />
            </div>
          )}
          {message.content && <Content content={message.content} />}
        </>
      )}
      {sources.length > 0 && <Sources sources={sources} />}
      {handover && <p className="handover">{tr('handover')}</p>}
      <div className="meta">
        <time dateTime={at}>{timeOfDay(at, language)}</time>
        {message.edited_at && !message.deleted_at && <span> · {tr('message_edited')}</span>}
        {lang && lang !== language && <span> · {nameOfLanguage(lang, language)}</span>}
        {delivery && <DeliveryState delivery={delivery} />}
        {delivery && canLeaveAgain(delivery) && (
          <SendAgain conversation={conversation} message={message.id} />
        )}
      </div>
    </div>
  );
}

export function Prose({ text }: { text: string }) {
  let place = 0;
  return pieces(text).map((piece) => {
    place += piece.text.length;
    return piece.kind === 'words' ? (
      piece.text
    ) : (
      <a key={place} href={piece.text} dir="ltr" target="_blank" rel="noopener noreferrer">
        {piece.text}
      </a>
    );
  });
}

function Sources({ sources }: { sources: Message['sources'] }) {
  const { tr } = useInterface();
  return (
    <ul className="sources">
      {sources.map(({ id, title, url, lang }) => {
        const href = safeUrl(url, location.href);
        return (
          <li key={id}>
            {tr('source')}{' '}
            <cite lang={lang} dir="auto">
              {href ? (
                <a href={href} target="_blank" rel="noopener noreferrer">
                  {title}
                </a>
              ) : (
                title
              )}
            </cite>
          </li>
        );
      })}
    </ul>
  );
}

function SendAgain({ conversation, message }: { conversation: string; message: string }) {
  const { tr } = useInterface();
  const sentence = useSentence();
  const sendAgain = useSendAgain(conversation);
  return (
    <>
      <Button
        ms="xs"
        size="compact-sm"
        variant="default"
        loading={sendAgain.isPending}
        onClick={() => sendAgain.mutate(message)}
      >
        {tr('send_again')}
      </Button>
      {sendAgain.error && <span role="alert">{sentence(sendAgain.error)}</span>}
    </>
  );
}

function DeliveryState({ delivery }: { delivery: NonNullable<Message['delivery']> }) {
  const { tr } = useInterface();
  const state = stateText(delivery);
  return (
    <span className={isTrouble(delivery) ? 'delivery trouble-text' : 'delivery'}>
      {' · '}
      {state ? tr(state) : delivery.state}
      {delivery.says && `. ${delivery.says}`}
    </span>
  );
}
