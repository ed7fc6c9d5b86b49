import { Loader, NativeSelect, SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useInterface, type TextKey } from '../../language/interface';
import { More } from '../../style/More';
import { Trouble } from '../../style/Trouble';
import type { Granted } from '../session/session';
import { LetterEntry } from './LetterEntry';
import { useLetters } from './letterQueries';
import { kindText, SHOWS, SOURCES, type Show, type Source } from './letter';
import { Page } from './Page';

const LABELS: Record<Show, TextKey> = { open: 'letters_open', closed: 'letters_closed', all: 'filter_all' };

/** What was authentic and could not be used, for staff to look at, try again or close. */
export function Letters({ granted }: { granted: Granted }) {
  const { tr } = useInterface();
  const { show = 'open', source } = useSearch({ from: '/channels/letters' });
  return (
    <Page granted={granted} title={tr('letters')}>
      <p className="soft">{tr('letters_lead')}</p>
      <Filter show={show} source={source} />
      <List show={show} source={source} />
    </Page>
  );
}

interface Shown {
  show: Show;
  source: Source | undefined;
}

function Filter({ show, source }: Shown) {
  const { tr } = useInterface();
  const navigate = useNavigate();
  const look = (next: Show, kind: Source | undefined) => {
    const search = { ...(next !== 'open' && { show: next }), ...(kind && { source: kind }) };
    void navigate({ to: '/channels/letters', search, replace: true });
  };
  return (
    <div className="letter-filter">
      <SegmentedControl
        aria-label={tr('filter')}
        value={show}
        onChange={(value) => look(value as Show, source)}
        data={SHOWS.map((value) => ({ value, label: tr(LABELS[value]) }))}
      />
      <NativeSelect
        aria-label={tr('letters_kind')}
        value={source ?? ''}
        onChange={(event) =>
          look(
            show,
            SOURCES.find((each) => each === event.currentTarget.value),
          )
        }
        data={[
          { value: '', label: tr('letters_kind_all') },
          ...SOURCES.map((value) => ({ value, label: tr(kindText(value)) })),
        ]}
      />
    </div>
  );
}

function List({ show, source }: Shown) {
  const { tr } = useInterface();
  const query = useLetters(show, source);
  if (query.error) return <Trouble problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loader aria-label={tr('loading')} role="status" />;
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return <p className="empty">{tr(show === 'open' && !source ? 'letters_empty_open' : 'letters_empty')}</p>;
  }
  return (
    <>
      <ul className="letters">
        {items.map((each) => (
          <LetterEntry key={each.id} letter={each} />
        ))}
      </ul>
      <More of={query} />
    </>
  );
}
