// Pictures of the screens for looking at: both languages, both themes, desk and phone. usage: node test/shots.mjs [NAME...]
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { start } from './mock/server.mjs';
import { uuid } from './mock/data.mjs';

const out = join(dirname(fileURLToPath(import.meta.url)), 'shots');
mkdirSync(out, { recursive: true });
const base = process.env.BASE ?? `http://127.0.0.1:${(await start()).address().port}`;
const SCREENS = [['queue', 'duty', '/queue'], ['queue-open', 'duty', `/queue/${uuid(6, 2)}?kind=notice`], ['events', 'duty', '/events'], ['event', 'duty', `/events/${uuid(4, 3)}`], ['feeds', 'duty', '/feeds'], ['feed', 'duty', `/feeds/${uuid(8, 0)}`],
  ['notices', 'duty', '/notices'], ['orgs', 'duty', '/organisations'], ['org', 'duty', `/organisations/${uuid(1, 1)}`], ['import', 'duty', '/organisations/import'], ['indicators', 'duty', '/indicators'], ['ledger', 'duty', '/ledger'], ['people', 'duty', `/people/${uuid(2, 2)}`], ['keys', 'duty', '/keys'], ['realms', 'duty', '/realms'],
  ['agency', 'focal', '/agency'], ['notice', 'focal', `/notices/${uuid(6, 5)}`], ['rights', 'focal', '/rights'], ['leave', 'focal', '/leave'], ['leave-desk', 'duty', '/leave'], ['saw', 'duty', `/notices/${uuid(6, 5)}`], ['sign-in', '', '/'], ['glass', 'duty', '/glass'], ['glass-one', 'focal', `/glass/${uuid(14, 1)}`], ['glass-ask', 'focal', `/glass?ask=finding&record=${uuid(5, 2)}`], ['acts', 'duty', '/acts'],
  ['passkey', 'duty', '/passkey'], ['absent', 'focal', `/findings/${uuid(5, 99)}`], ['key-form', 'duty', '/keys', { en: 'Make a key', ur: 'کلید بنائیں' }], ['passkey-form', 'duty', '/keys', { en: 'Make a passkey', ur: 'پاس کی بنائیں' }], ['factor-form', 'duty', '/keys', { en: 'Add an authenticator', ur: 'تصدیقی ایپ شامل کریں' }]];
const KINDS = [['en-light', 'en', 'light', 1366, 800], ['ur-light', 'ur', 'light', 1366, 800], ['en-dark', 'en', 'dark', 1366, 800], ['ur-phone', 'ur', 'light', 360, 720], ['en-phone', 'en', 'dark', 360, 720]];
const only = process.argv.slice(2), kinds = process.env.KINDS?.split(',');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
for (const [kind, lang, colorScheme, width, height] of KINDS) {
  if (kinds && !kinds.includes(kind)) continue;
  for (const [name, who, path, press] of SCREENS) {
    if (only.length && !only.includes(name)) continue;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    page.on('console', (m) => m.type() === 'error' && console.log(`${name} ${kind}: ${m.text()}`));
    page.on('pageerror', (e) => console.log(`${name} ${kind}: ${e}`));
    await page.addInitScript((l) => localStorage.setItem('lang', l), lang);
    if (who) { await page.goto(`${base}/l/${who}`); await page.evaluate((l) => fetch('/api/session', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ lang: l }) }), lang); }
    await page.goto(base + path);
    await page.waitForTimeout(700);
    if (press) { await page.getByRole('button', { name: press[lang] }).first().click(); await page.waitForTimeout(500); }
    await page.screenshot({ path: join(out, `${name}.${kind}.png`) });
    await context.close();
  }
}
await browser.close();
process.exit(0);
