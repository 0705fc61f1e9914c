// golden.mjs - pictures of the console from right to left, held against those in test/golden/rtl:
//   node test/browser/golden.mjs            compares; what differs is drawn into build/golden/NAME.png
//   node test/browser/golden.mjs --write    makes them again
// The parts page in both themes, and six screens that decide, at a desk and on a phone. The stand-in server's data and time,
// the console's own faces, no motion, no caret, grey smoothing. A pixel differs when a channel is off by more than LEVEL; a
// picture when more than SHARE of its pixels do, or its size. Each run also spoils one margin and wants to see it found.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..'), web = path.join(root, 'web');
const { chromium } = createRequire(path.join(web, 'package.json'))('playwright-core');
const { start } = await import(path.join(web, 'test/mock/server.mjs'));
const d = await import(path.join(web, 'test/mock/data.mjs'));

const GOLDEN = path.join(root, 'test/golden/rtl'), OUT = path.join(process.env.MINAR_BUILD ?? path.join(root, 'build'), 'golden');
const LEVEL = 48, SHARE = 0.002, MOST_BYTES = 1_500_000;
const WRITE = process.argv.includes('--write');
const DESK = { width: 1366, height: 540 }, PHONE = { width: 360, height: 640 };
const SCREENS = [['queue', 'duty', '/queue'], ['organisation', 'duty', `/organisations/${d.orgs[0].id}`], ['lookup', 'duty', '/search?q=198.18.4.1'],
  ['notice', 'duty', `/notices/${d.notices[0].id}`], ['agency', 'focal', '/agency'], ['wall', 'duty', '/wall?lang=ur']];
const SHOTS = [
  { name: 'parts-light', who: 'duty', at: '/components', size: DESK, theme: 'light', whole: true },
  { name: 'parts-dark', who: 'duty', at: '/components', size: PHONE, theme: 'dark', whole: true },
  ...SCREENS.flatMap(([name, who, at]) => [{ name, who, at, size: DESK, theme: 'light' }, { name: `${name}-phone`, who, at, size: PHONE, theme: 'light' }]),
];
// Faces of the machine take no part: what is monospace is drawn by the console's own.
const STILL = ':root { --font-mono: var(--font-latin) !important; } *, *::before, *::after { transition: none !important; animation: none !important; caret-color: transparent !important; } progress:not([value]) { visibility: hidden; }';
const SPOILED = '.page { padding-inline-start: 26px !important; } .wall { padding-inline-start: 9vmin !important; }';

const server = await start(), base = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-lcd-text', '--font-render-hinting=none', '--force-color-profile=srgb', '--hide-scrollbars', '--disable-background-networking'] });
const judge = await (await browser.newContext()).newPage();

/** One page a person and theme: it keeps who is signed in, and its faces. */
const pages = new Map();
async function pageOf({ who, theme, size }) {
  const kept = pages.get(who + theme);
  if (kept) { await kept.setViewportSize(size); return kept; }
  const context = await browser.newContext({ viewport: size, colorScheme: theme, reducedMotion: 'reduce', bypassCSP: true, locale: 'en-GB', timezoneId: 'Asia/Karachi' });
  const page = await context.newPage();
  await page.clock.setFixedTime(d.NOW);
  await page.addInitScript(() => localStorage.setItem('lang', 'ur'));
  await page.goto(`${base}/l/${who}`);
  await page.evaluate(() => fetch('/api/session', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"lang":"ur"}' }));
  pages.set(who + theme, page);
  return page;
}

async function picture(shot, more = '') {
  const page = await pageOf(shot);
  await page.goto(base + shot.at);
  await page.waitForSelector('main h1');
  await page.waitForFunction(() => document.documentElement.lang === 'ur' && !document.querySelector('.loading'));
  await page.addStyleTag({ content: STILL + more });
  await page.waitForFunction(() => document.documentElement.lang === 'ur' && [...document.fonts].some((f) => f.family.includes('Nastaliq')) && [...document.fonts].some((f) => f.family.includes('Inter')));
  await page.evaluate(async () => { await Promise.all([...document.fonts].map((f) => f.load().catch(() => undefined))); await document.fonts.ready; document.activeElement?.blur(); });
  if (shot.whole) await page.setViewportSize({ ...shot.size, height: await page.evaluate(() => document.querySelector('main').scrollHeight + 160) });
  await page.waitForTimeout(250);
  return page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' });
}

/** Runs in a page: how many pixels differ, and a picture of where. */
async function differ([a, b, level]) {
  const load = async (data) => { const i = new Image(); i.src = `data:image/png;base64,${data}`; await i.decode(); const c = new OffscreenCanvas(i.width, i.height).getContext('2d'); c.drawImage(i, 0, 0); return c.getImageData(0, 0, i.width, i.height); };
  const [x, y] = [await load(a), await load(b)];
  if (x.width !== y.width || x.height !== y.height) return { share: 1, why: `is ${y.width}x${y.height}, was ${x.width}x${x.height}` };
  const out = new ImageData(x.width, x.height);
  let n = 0;
  for (let i = 0; i < x.data.length; i += 4) {
    const off = Math.max(...[0, 1, 2].map((c) => Math.abs(x.data[i + c] - y.data[i + c]))) > level;
    n += off;
    out.data.set(off ? [255, 0, 80, 255] : [y.data[i] / 2 + 128, y.data[i + 1] / 2 + 128, y.data[i + 2] / 2 + 128, 255], i);
  }
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: x.width, height: x.height });
  canvas.getContext('2d').putImageData(out, 0, 0);
  return { share: n / (x.width * x.height), why: `${n} pixels differ`, drawn: canvas.toDataURL('image/png').split(',')[1] };
}
const compare = (a, b) => judge.evaluate(differ, [a.toString('base64'), b.toString('base64'), LEVEL]);

let bad = 0;
const say = (good, words) => { bad += !good; console.log(`${good ? 'ok' : 'not ok'} ${words}`); };
mkdirSync(OUT, { recursive: true });

/** Every part of ui/ stands on the page of parts; those that another one opens stand behind its button. */
const BEHIND = ['SaveViewForm', 'TakeOutForm'];
const parts = readdirSync(path.join(web, 'src/ui')).filter((f) => f.endsWith('.svelte')).map((f) => f.slice(0, -7)).filter((f) => !BEHIND.includes(f));
const shown = ['Components', 'ComponentsSigns', 'ComponentsForms', 'ComponentsLists'].map((f) => readFileSync(path.join(web, `src/app/${f}.svelte`), 'utf8')).join('');
const absent = parts.filter((f) => !shown.includes(`name="${f}"`) && !shown.includes(`data-part="${f}"`));
say(absent.length === 0, `every part is shown${absent.length ? `, but not ${absent.join(', ')}` : ''}`);

for (const shot of SHOTS) {
  const file = path.join(GOLDEN, `${shot.name}.png`), now = await picture(shot);
  if (WRITE) { writeFileSync(file, now); continue; }
  if (!existsSync(file)) { say(false, `${shot.name}: there is no picture yet; make it with --write`); continue; }
  const said = await compare(readFileSync(file), now);
  say(said.share <= SHARE, `${shot.name}: ${said.why}`);
  if (said.share <= SHARE) continue;
  writeFileSync(path.join(OUT, `${shot.name}.png`), said.drawn ? Buffer.from(said.drawn, 'base64') : now);
  console.log(`  drawn in ${path.relative(root, path.join(OUT, `${shot.name}.png`))}`);
}
for (const name of WRITE ? [] : ['agency-phone', 'wall']) {
  const shot = SHOTS.find((s) => s.name === name), file = path.join(GOLDEN, `${name}.png`);
  const said = await compare(readFileSync(file), await picture(shot, SPOILED));
  say(said.share > SHARE, `${name} with a margin spoiled is found: ${said.why}`);
}
const bytes = readdirSync(GOLDEN).reduce((n, f) => n + statSync(path.join(GOLDEN, f)).size, 0);
say(bytes < MOST_BYTES, `${readdirSync(GOLDEN).length} pictures, ${Math.round(bytes / 1000)} kB`);
await browser.close();
server.closeAllConnections();
server.close();
process.exit(bad ? 1 : 0);
