import { Alert, Button, Textarea } from '@mantine/core';
import {
  useState,
  type ClipboardEvent,
  type DragEvent,
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
} from 'react';
import { useInterface, useSentence } from '../../language/interface';
import { AttachButton } from './AttachButton';
import { ChosenFile } from './ChosenFile';
import { canGo, useChosen } from './chosen';
import { pastedFile, useStayingOnDrop } from './handed';
import { newDraft, useReply, type Draft } from './queries';

export const REPLY_LIMIT = 4_096;

/** Length as the server counts it: in characters, not in UTF-16 units. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** What is written and chosen stays until it is stored; trying again sends the same key, so it is stored once. */
function useDraft(conversationId: string) {
  const reply = useReply(conversationId);
  const file = useChosen(conversationId);
  const [draft, setDraft] = useState<Draft>(() => newDraft(''));
  const count = lengthOf(draft.text);
  const attachment = file.chosen?.kind === 'kept' ? file.chosen.file.id : null;
  const says = draft.text.trim() !== '' || attachment !== null;
  const canSend = says && canGo(file.chosen) && count <= REPLY_LIMIT && !reply.isPending;
  const write = (text: string) => {
    reply.reset();
    setDraft(newDraft(text));
  };
  const sent = () => {
    setDraft(newDraft(''));
    file.sent();
  };
  const send = () => {
    if (canSend) reply.mutate({ ...draft, attachment }, { onSuccess: sent });
  };
  const choose = (chosen: File) => {
    write(draft.text);
    file.choose(chosen);
  };
  const remove = () => {
    write(draft.text);
    file.remove();
  };
  return { reply, text: draft.text, count, canSend, send, write, chosen: file.chosen, choose, remove };
}

interface Props {
  conversationId: string;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function ReplyBox({ conversationId, field }: Props) {
  const { tr } = useInterface();
  const sentence = useSentence();
  const draft = useDraft(conversationId);
  const { reply, canSend, send, chosen, choose, remove } = draft;
  useStayingOnDrop();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const leaveOut = () => {
    remove();
    field.current?.focus(); // the button that was pressed is gone
  };
  return (
    <form className="reply" onSubmit={submit}>
      {reply.isError && (
        <Alert color="red" role="alert">
          {sentence(reply.error)}
        </Alert>
      )}
      <ReplyField field={field} draft={draft} />
      {chosen && <ChosenFile chosen={chosen} remove={leaveOut} isSending={reply.isPending} />}
      <div className="reply-acts">
        <AttachButton choose={choose} isSending={reply.isPending} />
        <Button type="submit" loading={reply.isPending} disabled={!canSend && !reply.isPending}>
          {tr('send')}
        </Button>
      </div>
    </form>
  );
}

/** Where the reply is written; a file that is pasted or dropped there goes along. */
function ReplyField({ field, draft }: { field: Props['field']; draft: ReturnType<typeof useDraft> }) {
  const { tr } = useInterface();
  const { reply, text, count, send, write, choose } = draft;
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape') event.currentTarget.blur();
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
  const take = (event: ClipboardEvent | DragEvent, file: File | undefined) => {
    if (!file || reply.isPending) return;
    event.preventDefault();
    choose(file);
  };
  return (
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
      onPaste={(event) => take(event, pastedFile(event.clipboardData))}
      onDragOver={(event) => event.dataTransfer.types.includes('Files') && event.preventDefault()}
      onDrop={(event) => take(event, event.dataTransfer.files[0])}
      error={count > REPLY_LIMIT && tr('too_long', { limit: REPLY_LIMIT, count })}
    />
  );
}
