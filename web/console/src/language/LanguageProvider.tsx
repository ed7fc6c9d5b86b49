import { useDirection } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { rememberLanguage } from '../../../languages/choice';
import { directionOf, type Language } from '../../../languages/languages';
import type { Translate } from '../../../languages/texts';
import { InterfaceContext, loadTexts, type TextKey } from './interface';

interface Spoken {
  language: Language;
  tr: Translate<TextKey>;
}

export function LanguageProvider({ first, children }: { first: Spoken; children: ReactNode }) {
  const [spoken, setSpoken] = useState(first);
  const { setDirection } = useDirection();
  const choose = useCallback((language: Language) => {
    rememberLanguage(language);
    void loadTexts(language).then((tr) => setSpoken({ language, tr }));
  }, []);
  useEffect(() => setDirection(directionOf(spoken.language)), [spoken.language, setDirection]);
  const value = useMemo(() => ({ ...spoken, choose }), [spoken, choose]);
  return <InterfaceContext value={value}>{children}</InterfaceContext>;
}
