import { DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import { expect, test } from 'vitest';
import { theme } from './theme';

type Variables = Record<string, string>;

function changed(own: Variables, plain: Variables): string {
  return Object.entries(own)
    .filter(([name, value]) => plain[name] !== value)
    .map(([name, value]) => `  ${name}: ${value};`)
    .join('\n');
}

// Written into a file at build time instead of a <style> element at run time, which a strict CSP refuses.
// After a change of the theme: npx vitest run -u console/src/style
test('the stylesheet of the theme says what the theme says', async () => {
  const own = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
  const plain = defaultCssVariablesResolver(DEFAULT_THEME);
  const css = [
    '/* Made from theme.ts by theme.test.ts. */',
    `:root {\n${changed(own.variables, plain.variables)}\n}`,
    `:root[data-mantine-color-scheme='light'] {\n${changed(own.light, plain.light)}\n}`,
    `:root[data-mantine-color-scheme='dark'] {\n${changed(own.dark, plain.dark)}\n}`,
    '',
  ].join('\n\n');
  await expect(css).toMatchFileSnapshot('./theme-variables.css');
});
