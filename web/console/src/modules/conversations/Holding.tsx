import { Alert, Button } from '@mantine/core';
import type { Conversation } from '../../api/client';
import { useInterface, useSentence } from '../../language/interface';
import type { useHandBack, useTakeOver } from './queries';
import { useQuiet } from './quiet';

interface Props {
  conversation: Conversation;
  identity: string;
  takeOver: ReturnType<typeof useTakeOver>;
  handBack: ReturnType<typeof useHandBack>;
}

/** Who answers this guest now, and the button that changes it. */
export function Holding({ conversation, identity, takeOver, handBack }: Props) {
  const { tr, language } = useInterface();
  const sentence = useSentence();
  const { held_by, wants_human_at } = conversation;
  const quiet_until = useQuiet(conversation.quiet_until);
  const problem = takeOver.error ?? handBack.error;
  const mine = held_by?.id === identity;
  const state = held_by
    ? `${mine ? tr('held_by_you') : tr('held_by', { name: held_by.name })}. ${tr('assistant_silent')}`
    : quiet_until
      ? tr('assistant_quiet', { time: clock(quiet_until, language) })
      : `${wants_human_at ? `${tr('waiting_for_person')}. ` : ''}${tr('assistant_answers')}`;
  return (
    <div className="holding" data-waiting={(!held_by && wants_human_at !== null) || undefined}>
      <p role="status">{state}</p>
      {(held_by || quiet_until) && (
        <Button variant="default" loading={handBack.isPending} onClick={() => handBack.mutate()}>
          {tr('hand_back')}
        </Button>
      )}
      {!held_by && (
        <Button loading={takeOver.isPending} onClick={() => takeOver.mutate()}>
          {tr('take_over')}
        </Button>
      )}
      {problem && (
        <Alert color="red" role="alert">
          {sentence(problem)}
        </Alert>
      )}
    </div>
  );
}

function clock(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(new Date(at));
}
