/** The name of a template's language, written as the provider does (`pt_BR`), in the reader's. */
export function languageName(code: string, reader: string): string {
  try {
    return new Intl.DisplayNames(reader, { type: 'language' }).of(code.replace('_', '-')) ?? code;
  } catch {
    return code;
  }
}
