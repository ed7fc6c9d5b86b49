import { useInterface } from '../../language/interface';
import { useHasOpenLetters } from './letterQueries';

/** A mark beside a link: something could not be used, and nobody has dealt with it. */
export function OpenLetters() {
  const { tr } = useInterface();
  if (!useHasOpenLetters()) return null;
  return (
    <span className="mark-open">
      <span aria-hidden="true">!</span>
      <span className="visually-hidden">{tr('letters_some_open')}</span>
    </span>
  );
}
