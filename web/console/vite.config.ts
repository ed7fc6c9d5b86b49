import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The staff console, served under /console/. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  logLevel: 'warn',
  plugins: [react()],
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8000', ws: true } } },
  build: {
    outDir: '../dist/console',
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
});
