import { createTheme, type MantineColorsTuple } from '@mantine/core';

export const lumi: MantineColorsTuple = [
  '#e9f6f3',
  '#d3ebe6',
  '#a5d8ce',
  '#6cc9bb',
  '#45b3a3',
  '#259887',
  '#14806f',
  '#0e6b5f',
  '#0b5d54',
  '#084740',
];

export const theme = createTheme({
  primaryColor: 'lumi',
  primaryShade: { light: 8, dark: 7 },
  colors: { lumi },
  fontFamily: 'var(--font)',
  headings: { fontFamily: 'var(--font)' },
  defaultRadius: 'md',
  respectReducedMotion: true,
});
