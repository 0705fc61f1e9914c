// Weights, gzipped: the first view (start page, scripts, styles, words of one language) and what each screen adds.
// Faces come after the first paint and are counted apart; so is the chart library, which a screen loads when it draws.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const FIRST_LIMIT = 150 * 1024, SCREEN_LIMIT = 30 * 1024;
const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
const weigh = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

function closure(key, files = new Set()) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) closure(next, files);
  return files;
}
const sum = (files) => [...files].reduce((n, f) => n + weigh(f), 0);
const kb = (n) => `${(n / 1024).toFixed(1)} KB`;

const entry = Object.keys(manifest).find((k) => manifest[k].isEntry);
const start = closure(entry);
for (const words of ['src/generated/ur.ts']) closure(words, start);
const home = new Set(start);
closure('src/desk/watch/Queue.svelte', home);
const first = sum(home) + weigh('index.html');
let wrong = first > FIRST_LIMIT;
console.log(`first view with the queue: ${kb(first)} of ${kb(FIRST_LIMIT)}${wrong ? '  TOO HEAVY' : ''}`);
for (const key of Object.keys(manifest).filter((k) => /^src\/desk\/.*\.svelte$/.test(k) && manifest[k].isDynamicEntry).sort()) {
  const more = sum([...closure(key)].filter((f) => !start.has(f)));
  const heavy = more > SCREEN_LIMIT;
  wrong ||= heavy;
  console.log(`  ${key.replace('src/desk/', '').padEnd(36)} ${kb(more).padStart(9)}${heavy ? `  over ${kb(SCREEN_LIMIT)}` : ''}`);
}
const chart = Object.keys(manifest).filter((k) => /uplot/i.test(k) && manifest[k].file.endsWith('.js'));
for (const key of chart) console.log(`  chart, when one is drawn             ${kb(weigh(manifest[key].file)).padStart(9)}`);
for (const f of new Set(Object.values(manifest).map((c) => c.file).filter((f) => f.endsWith('.woff2')))) console.log(`  face ${f}  ${kb(weigh(f))}`);
process.exit(wrong ? 1 : 0);
