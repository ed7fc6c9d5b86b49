import { defineConfig } from 'vite';

/** `widget.js`: one classic script without imports, for pages of other people. */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  build: {
    outDir: '../dist/widget',
    emptyOutDir: false,
    lib: {
      entry: 'src/loader/main.ts',
      formats: ['iife'],
      name: 'lumiWidget',
      fileName: () => 'widget.js',
    },
  },
});
