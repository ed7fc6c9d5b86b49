import {
  loader_close as arClose,
  loader_open as arOpen,
  loader_title as arTitle,
  loader_unread as arUnread,
} from '../texts/ar.json';
import {
  loader_close as deClose,
  loader_open as deOpen,
  loader_title as deTitle,
  loader_unread as deUnread,
} from '../texts/de.json';
import {
  loader_close as enClose,
  loader_open as enOpen,
  loader_title as enTitle,
  loader_unread as enUnread,
} from '../texts/en.json';
import {
  loader_close as esClose,
  loader_open as esOpen,
  loader_title as esTitle,
  loader_unread as esUnread,
} from '../texts/es.json';
import {
  loader_close as frClose,
  loader_open as frOpen,
  loader_title as frTitle,
  loader_unread as frUnread,
} from '../texts/fr.json';
import {
  loader_close as itClose,
  loader_open as itOpen,
  loader_title as itTitle,
  loader_unread as itUnread,
} from '../texts/it.json';
import {
  loader_close as ptClose,
  loader_open as ptOpen,
  loader_title as ptTitle,
  loader_unread as ptUnread,
} from '../texts/pt.json';
import {
  loader_close as ruClose,
  loader_open as ruOpen,
  loader_title as ruTitle,
  loader_unread as ruUnread,
} from '../texts/ru.json';
import type { Language } from '../../../languages/languages';

/** The few words the button needs; imported one by one so that the loader carries nothing else. */
export const LABELS: Record<Language, { open: string; close: string; title: string; unread: string }> = {
  fr: { open: frOpen, close: frClose, title: frTitle, unread: frUnread },
  en: { open: enOpen, close: enClose, title: enTitle, unread: enUnread },
  es: { open: esOpen, close: esClose, title: esTitle, unread: esUnread },
  de: { open: deOpen, close: deClose, title: deTitle, unread: deUnread },
  it: { open: itOpen, close: itClose, title: itTitle, unread: itUnread },
  pt: { open: ptOpen, close: ptClose, title: ptTitle, unread: ptUnread },
  ar: { open: arOpen, close: arClose, title: arTitle, unread: arUnread },
  ru: { open: ruOpen, close: ruClose, title: ruTitle, unread: ruUnread },
};
