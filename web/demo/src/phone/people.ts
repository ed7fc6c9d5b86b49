export interface Person {
  name: string;
  /** Digits only, as WhatsApp names a sender; all from ranges that are reserved for invented people. */
  number: string;
  lang: string;
}

export const PEOPLE: readonly Person[] = [
  { name: 'Camille Renaud', number: '33639980117', lang: 'fr' },
  { name: 'Oliver Hayes', number: '447700900142', lang: 'en' },
  { name: 'Lucía Ferrer', number: '12025550147', lang: 'es' },
  { name: 'Jonas Weber', number: '4917604069012', lang: 'de' },
  { name: 'Giulia Conti', number: '447700900456', lang: 'it' },
  { name: 'Rui Almeida', number: '33639980177', lang: 'pt' },
  { name: 'ليلى منصور', number: '12025550163', lang: 'ar' },
  { name: 'Ирина Соколова', number: '447700900789', lang: 'ru' },
];
