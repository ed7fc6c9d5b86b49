import type { Language } from './languages';

/** A size as people say it. */
export function sizeText(bytes: number, language: Language): string {
  const [unit, value] =
    bytes < 1_000_000 ? ['kilobyte', Math.max(0.1, bytes / 1_000)] : ['megabyte', bytes / 1_000_000];
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: digits }).format(
    value,
  );
}
