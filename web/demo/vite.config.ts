import { defineConfig } from 'vite';

/** The landing page and the simulated phone; assets served under /assets/demo/. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/assets/demo/',
  logLevel: 'warn',
  build: {
    outDir: '../dist/demo',
    emptyOutDir: false,
    assetsDir: '',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: `${import.meta.dirname}/index.html`, phone: `${import.meta.dirname}/phone.html` },
    },
  },
});
