import { useInterface } from '../../language/interface';
import { isRefused, kindText, noteText, placeOf, sizeText, type Attachment } from './attachment';

/** The files of a message: shown, played or to be opened, with what became of each in words. */
export function Attachments({ attachments }: { attachments: Attachment[] }) {
  const { tr } = useInterface();
  const shown = attachments.filter(({ state }) => state !== 'removed');
  if (shown.length === 0) return null;
  return (
    <ul className="attachments" aria-label={tr('attachments')}>
      {shown.map((each) => (
        <li key={each.id} className="attachment" data-kind={each.kind}>
          {each.link ? <Opened attachment={each} place={placeOf(each.link)} /> : <Closed attachment={each} />}
          <Note attachment={each} />
        </li>
      ))}
    </ul>
  );
}

function Opened({ attachment, place }: { attachment: Attachment; place: string }) {
  const { tr } = useInterface();
  const label = named(tr(kindText(attachment)), attachment.name);
  switch (attachment.kind) {
    case 'image':
      return (
        <a href={place} target="_blank" rel="noopener noreferrer">
          <img src={place} alt={label} loading="lazy" />
        </a>
      );
    case 'audio':
      // What is said in it is the text of its message; a captions file does not exist.
      // oxlint-disable-next-line jsx-a11y/media-has-caption
      return <audio src={place} controls preload="metadata" aria-label={label} />;
    case 'video':
      // oxlint-disable-next-line jsx-a11y/media-has-caption -- a guest's own film has none
      return <video src={place} controls preload="metadata" aria-label={label} />;
    default:
      return <FileLink attachment={attachment} place={place} />;
  }
}

function FileLink({ attachment, place }: { attachment: Attachment; place: string }) {
  const { tr, language } = useInterface();
  return (
    <a className="file" href={place} target="_blank" rel="noopener noreferrer">
      <bdi>{attachment.name || tr(kindText(attachment))}</bdi>
      {attachment.size_bytes !== null && (
        <span className="soft"> · {sizeText(attachment.size_bytes, language)}</span>
      )}
    </a>
  );
}

function Closed({ attachment }: { attachment: Attachment }) {
  const { tr } = useInterface();
  return (
    <span className="file">
      {tr(kindText(attachment))}
      {attachment.name && (
        <>
          {' · '}
          <bdi>{attachment.name}</bdi>
        </>
      )}
    </span>
  );
}

function Note({ attachment }: { attachment: Attachment }) {
  const { tr } = useInterface();
  const note = noteText(attachment);
  if (!note) return null;
  return (
    <p className={isRefused(attachment) ? 'attachment-note trouble-text' : 'attachment-note'}>{tr(note)}</p>
  );
}

function named(kind: string, name: string): string {
  return name ? `${kind}: ${name}` : kind;
}
