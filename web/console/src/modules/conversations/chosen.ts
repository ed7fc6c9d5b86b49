import { useCallback, useEffect, useRef, useState } from 'react';
import { newUuid } from '../../../../wire/uuid';
import { Problem } from '../../api/problem';
import { lookedAt, takeBack, upload, type OutgoingFile } from './upload';

const LOOK_AGAIN_MS = 1_000;

interface Kept {
  kind: 'kept';
  name: string;
  file: OutgoingFile;
}

/** A file that is to go along: on its way to Lumi, being looked at, ready, or refused. */
export type Chosen =
  | { kind: 'leaving'; name: string; part: number }
  | Kept
  | { kind: 'refused'; name: string; problem: unknown };

/** Whether it can be sent with a reply now. */
export function canGo(chosen: Chosen | null): boolean {
  return chosen === null || (chosen.kind === 'kept' && chosen.file.state === 'ready');
}

/** After a look at the file `id`: what was found counts for that file alone, not for one chosen meanwhile. */
export function afterLook(chosen: Chosen | null, id: string, file: OutgoingFile): Chosen | null {
  return isStill(chosen, id) ? { ...chosen, file: { ...file } } : chosen;
}

/** After a look that failed: what may pass is asked again, anything else is final. */
export function afterFailedLook(chosen: Chosen | null, id: string, problem: unknown): Chosen | null {
  if (!isStill(chosen, id)) return chosen;
  if (mayPass(problem)) return { ...chosen, file: { ...chosen.file } };
  return { kind: 'refused', name: chosen.name, problem };
}

function isStill(chosen: Chosen | null, id: string): chosen is Kept {
  return chosen?.kind === 'kept' && chosen.file.id === id;
}

function mayPass(problem: unknown): boolean {
  if (!(problem instanceof Problem)) return false;
  return problem.status === 0 || problem.status === 429 || problem.status >= 500;
}

/** The file of a reply: one at a time, a new one takes the place of the one before. */
export function useChosen(conversation: string) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const leaving = useRef<AbortController | null>(null);

  const letGo = useCallback(() => {
    leaving.current?.abort();
    if (chosen?.kind === 'kept') void takeBack(conversation, chosen.file.id);
  }, [chosen, conversation]);
  const choose = useCallback(
    (file: File) => {
      letGo();
      const ours = (leaving.current = new AbortController());
      const { name } = file;
      const show = (next: Chosen) => !ours.signal.aborted && setChosen(next);
      const told = (part: number) => show({ kind: 'leaving', name, part });
      told(0);
      upload({ conversation, file, key: newUuid(), signal: ours.signal, told }).then(
        (kept) =>
          ours.signal.aborted
            ? void takeBack(conversation, kept.id)
            : show({ kind: 'kept', name, file: kept }),
        (problem: unknown) => show({ kind: 'refused', name, problem }),
      );
    },
    [conversation, letGo],
  );
  const remove = useCallback(() => {
    letGo();
    setChosen(null);
  }, [letGo]);
  const sent = useCallback(() => setChosen(null), []);

  const waits = chosen?.kind === 'kept' && chosen.file.state === 'waiting' ? chosen.file : null;
  useEffect(() => {
    if (!waits) return;
    const again = setTimeout(() => {
      lookedAt(conversation, waits.id).then(
        (file) => setChosen((now) => afterLook(now, waits.id, file)),
        (problem: unknown) => setChosen((now) => afterFailedLook(now, waits.id, problem)),
      );
    }, LOOK_AGAIN_MS);
    return () => clearTimeout(again);
  }, [conversation, waits]);
  useEffect(() => () => leaving.current?.abort(), []);

  return { chosen, choose, remove, sent };
}
