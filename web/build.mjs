// Builds every page into dist/: widget (loader and frame), demo, console, docs. Names of pages to build may be given.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const CONFIGS = {
  widget: ['widget/loader.config.ts', 'widget/frame.config.ts'],
  demo: ['demo/vite.config.ts'],
  console: ['console/vite.config.ts'],
  docs: [],
};
// What the API documentation is made of is ready-made: it is copied, so that nothing comes from elsewhere.
const DOCS = [
  'docs/docs.js',
  'style/lumi.svg',
  'node_modules/swagger-ui-dist/swagger-ui-bundle.js',
  'node_modules/swagger-ui-dist/swagger-ui.css',
];
const LOADER_LIMIT_BYTES = 15 * 1024;

const here = import.meta.dirname;
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(CONFIGS);

function gzipped(file) {
  return gzipSync(readFileSync(file), { level: 9 }).length;
}

function report(page) {
  const folder = join(here, 'dist', page);
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(js|css|html)$/.test(name));
  for (const name of files.toSorted()) {
    const kilobytes = (gzipped(join(folder, name)) / 1024).toFixed(1).padStart(7);
    process.stdout.write(`${kilobytes} KB gzipped  dist/${page}/${name}\n`);
  }
}

function copyDocs() {
  const assets = join(here, 'dist/docs/assets');
  mkdirSync(assets, { recursive: true });
  copyFileSync(join(here, 'docs/index.html'), join(here, 'dist/docs/index.html'));
  for (const file of DOCS) copyFileSync(join(here, file), join(assets, basename(file)));
}

for (const page of wanted) {
  rmSync(join(here, 'dist', page), { recursive: true, force: true });
  for (const config of CONFIGS[page]) {
    await build({ configFile: join(here, config), root: join(here, page) });
  }
  if (page === 'docs') copyDocs();
  report(page);
}

const loader = join(here, 'dist/widget/widget.js');
if (existsSync(loader) && gzipped(loader) > LOADER_LIMIT_BYTES) {
  process.stderr.write(`dist/widget/widget.js is over ${LOADER_LIMIT_BYTES} bytes gzipped\n`);
  process.exit(1);
}
