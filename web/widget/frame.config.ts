import { defineConfig } from 'vite';

/** `frame.html` and its assets, served under /assets/widget/. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/assets/widget/',
  logLevel: 'warn',
  build: {
    outDir: '../dist/widget',
    emptyOutDir: false,
    assetsDir: '',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { frame: `${import.meta.dirname}/frame.html` } },
  },
});
