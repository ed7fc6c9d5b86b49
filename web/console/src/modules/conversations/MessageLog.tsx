import { Button } from '@mantine/core';
import { Fragment, useEffect, useLayoutEffect, useRef } from 'react';
import { dayInWords, isSameDay } from '../../../../languages/clock';
import type { Message } from '../../api/client';
import { useInterface } from '../../language/interface';
import { MessageEntry } from './MessageEntry';
import { isSameSpeaker } from './words';

const NEAR_END_PX = 100;

interface Props {
  conversation: string;
  messages: Message[];
  hasEarlier: boolean;
  isLoadingEarlier: boolean;
  showEarlier: () => void;
}

/** Stays at the end while the reader is there; keeps its place when older messages are put above. */
function useScroll(messages: Message[]) {
  const box = useRef<HTMLDivElement>(null);
  const place = useRef({ isAtEnd: true, first: 0, height: 0 });
  const first = messages[0]?.n ?? 0;
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return;
    const before = place.current;
    if (before.first > first) node.scrollTop += node.scrollHeight - before.height;
    else if (before.isAtEnd) node.scrollTop = node.scrollHeight;
    place.current = { ...before, first, height: node.scrollHeight };
  }, [messages, first]);
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const stay = () => {
      if (place.current.isAtEnd) node.scrollTop = node.scrollHeight;
    };
    // The window may shrink, and what is in it grows when a picture has come.
    const observer = new ResizeObserver(stay);
    observer.observe(node);
    for (const inside of node.children) observer.observe(inside);
    return () => observer.disconnect();
  }, []);
  const onScroll = () => {
    const node = box.current;
    if (!node) return;
    place.current.isAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END_PX;
  };
  return { box, onScroll };
}

export function MessageLog({ conversation, messages, hasEarlier, isLoadingEarlier, showEarlier }: Props) {
  const { tr, language } = useInterface();
  const { box, onScroll } = useScroll(messages);
  return (
    <div className="log-scroll" ref={box} onScroll={onScroll}>
      {hasEarlier && (
        <Button variant="subtle" loading={isLoadingEarlier} onClick={showEarlier}>
          {tr('earlier')}
        </Button>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling area must be reachable by keyboard */}
      <div className="log" role="log" aria-live="polite" aria-label={tr('messages')} tabIndex={0}>
        {messages.map((message, place) => {
          const before = messages[place - 1];
          const opensDay = !before || !isSameDay(before.at, message.at);
          return (
            <Fragment key={message.id}>
              {opensDay && <p className="day">{dayInWords(message.at, language)}</p>}
              <MessageEntry
                conversation={conversation}
                message={message}
                opensGroup={opensDay || !isSameSpeaker(before, message)}
              />
            </Fragment>
          );
        })}
      </div>
    </div>
  );
}
