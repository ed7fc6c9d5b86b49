import { NativeSelect } from '@mantine/core';
import { isLanguage, LANGUAGES, OWN_NAMES } from '../../../languages/languages';
import { useInterface } from './interface';

const OPTIONS = LANGUAGES.map((value) => ({ value, label: OWN_NAMES[value] }));

export function LanguagePicker() {
  const { language, choose, tr } = useInterface();
  return (
    <NativeSelect
      aria-label={tr('language')}
      data={OPTIONS}
      value={language}
      onChange={(event) => isLanguage(event.currentTarget.value) && choose(event.currentTarget.value)}
    />
  );
}
