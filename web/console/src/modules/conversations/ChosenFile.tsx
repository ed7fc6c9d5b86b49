import { ActionIcon, Progress } from '@mantine/core';
import { useInterface, useSentence } from '../../language/interface';
import { sizeText } from './attachment';
import type { Chosen } from './chosen';

interface Props {
  chosen: Chosen;
  remove: () => void;
  isSending: boolean;
}

/** The file that goes along with a reply: what it is, how far it came, and the way to leave it out. */
export function ChosenFile({ chosen, remove, isSending }: Props) {
  const { tr } = useInterface();
  return (
    <div className="chosen-file">
      <div className="chosen-words">
        <p>
          <bdi>{chosen.name}</bdi>
        </p>
        <Standing chosen={chosen} />
      </div>
      <ActionIcon
        variant="subtle"
        size="lg"
        disabled={isSending}
        aria-label={tr('file_remove', { name: chosen.name })}
        onClick={remove}
      >
        <svg viewBox="0 0 24 24" className="icon" aria-hidden="true">
          <path d="M6 6l12 12M18 6L6 18" />
        </svg>
      </ActionIcon>
    </div>
  );
}

function Standing({ chosen }: { chosen: Chosen }) {
  const { tr, language } = useInterface();
  const sentence = useSentence();
  if (chosen.kind === 'leaving') {
    const percent = Math.round(chosen.part * 100);
    return <Progress value={percent} aria-label={tr('file_leaving')} />;
  }
  if (chosen.kind === 'refused') {
    return (
      <p className="trouble-text" role="alert">
        {sentence(chosen.problem)}
      </p>
    );
  }
  const { state, why, kind, shown_as, size_bytes } = chosen.file;
  if (state === 'refused' || state === 'failed') {
    return (
      <p className="trouble-text" role="alert">
        {tr(why === 'malware' ? 'why_malware' : 'file_unchecked')}
      </p>
    );
  }
  return (
    <p className="soft" role="status">
      {state === 'waiting' ? tr('file_checked') : sizeText(size_bytes, language)}
      {state === 'ready' && kind !== shown_as && ` · ${tr('file_as_document')}`}
    </p>
  );
}
