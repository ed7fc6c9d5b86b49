import { safeUrl } from '../../../../dom/prose';
import type { Message } from '../../api/client';
import { useInterface } from '../../language/interface';
import { linesOf, type Line } from './content';
import type { Answer } from './form';

/** What somebody sent besides words and files: a place, a card, an order, a reaction. One line each. */
export function Content({ content }: { content: NonNullable<Message['content']> }) {
  const { tr, language } = useInterface();
  const lines = linesOf(content, tr, language);
  if (lines.length === 0) return null;
  return (
    <ul className="content-lines">
      {lines.map((line, place) => (
        <li key={`${place} ${line.text}`} dir="auto">
          <Shown line={line} />
          {line.answers && line.answers.length > 0 && <Answers answers={line.answers} />}
        </li>
      ))}
    </ul>
  );
}

function Shown({ line }: { line: Line }) {
  const href = line.href ? safeUrl(line.href, location.href) : null;
  if (!href) return line.text;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {line.text}
    </a>
  );
}

function Answers({ answers }: { answers: Answer[] }) {
  return (
    <dl className="content-answers">
      {answers.map(({ name, value }, place) => (
        <div key={`${place} ${name}`}>
          {name !== null && (
            <dt>
              <bdi>{name}</bdi>
            </dt>
          )}
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
