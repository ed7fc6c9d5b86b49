import { Alert, Button, Textarea } from '@mantine/core';
import { useState, type FormEvent, type KeyboardEvent, type RefObject } from 'react';
import { useInterface, useSentence } from '../../language/interface';
import { newDraft, useReply, type Draft } from './queries';

export const REPLY_LIMIT = 4_096;

/** Length as the server counts it: in characters, not in UTF-16 units. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** The text stays in the field until it is stored; trying again sends the same key, so it is stored once. */
function useDraft(conversationId: string) {
  const reply = useReply(conversationId);
  const [draft, setDraft] = useState<Draft>(() => newDraft(''));
  const count = lengthOf(draft.text);
  const canSend = draft.text.trim() !== '' && count <= REPLY_LIMIT && !reply.isPending;
  const send = () => {
    if (canSend) reply.mutate(draft, { onSuccess: () => setDraft(newDraft('')) });
  };
  const write = (text: string) => {
    reply.reset();
    setDraft(newDraft(text));
  };
  return { reply, text: draft.text, count, canSend, send, write };
}

interface Props {
  conversationId: string;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function ReplyBox({ conversationId, field }: Props) {
  const { tr } = useInterface();
  const sentence = useSentence();
  const { reply, text, count, canSend, send, write } = useDraft(conversationId);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape') event.currentTarget.blur();
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
  return (
    <form className="reply" onSubmit={submit}>
      {reply.isError && (
        <Alert color="red" role="alert">
          {sentence(reply.error)}
        </Alert>
      )}
      <Textarea
        ref={field}
        label={tr('reply')}
        description={tr('reply_hint')}
        dir="auto"
        autosize
        minRows={2}
        maxRows={8}
        value={text}
        readOnly={reply.isPending}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={press}
        error={count > REPLY_LIMIT && tr('too_long', { limit: REPLY_LIMIT, count })}
      />
      <Button type="submit" loading={reply.isPending} disabled={!canSend && !reply.isPending}>
        {tr('send')}
      </Button>
    </form>
  );
}
