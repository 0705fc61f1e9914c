// What browser tests share: the browser, the server they run against, who is signed in.
//   MINAR_BASE            address of a running program; without it the console's stand-in server is started
//   MINAR_LINK_NATIONAL   sign-in link of a person of the national desk (used once)
//   MINAR_LINK_AGENCY     sign-in link, or invitation, of a person of an agency (used once)
//   MINAR_STATE           a folder that keeps who is signed in, so that several test files share one link
//   MINAR_ANEW_NATIONAL   a command, as a JSON list, that prints another sign-in link: a sign-in of some minutes ago no longer
//                         lets a dangerous act pass
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = join(dirname(fileURLToPath(import.meta.url)), '../../web');
const need = createRequire(join(web, 'package.json'));
const { chromium } = need('playwright-core');
export const AXE = need.resolve('axe-core/axe.min.js');

let server, browser;
const states = {};
export let base = process.env.MINAR_BASE ?? '';
export const mocked = !base;

export async function open() {
  if (mocked) {
    const { start } = await import(join(web, 'test/mock/server.mjs'));
    server = await start();
    base = `http://127.0.0.1:${server.address().port}`;
  }
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export async function close() {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
}

const STRONG_MS = 5 * 60000;   // less than the session.strong_min of a site

/** A link to sign in with: the one that was given, or, once that is used, another. */
function link(who, used) {
  if (mocked) return `${base}/l/${who === 'national' ? 'duty' : 'focal'}`;
  if (!used) return process.env[`MINAR_LINK_${who.toUpperCase()}`];
  const [program, ...words] = anew(who);
  return execFileSync(program, words, { encoding: 'utf8' }).trim();
}

const anew = (who) => JSON.parse(process.env[`MINAR_ANEW_${who.toUpperCase()}`] ?? 'null');

async function signIn(who) {
  const kept = process.env.MINAR_STATE && join(process.env.MINAR_STATE, `${who}.json`), used = !!kept && existsSync(kept);
  if (used && !(anew(who) && Date.now() - statSync(kept).mtimeMs > STRONG_MS)) return (states[who] = JSON.parse(readFileSync(kept, 'utf8')));
  const context = await browser.newContext();
  const page = await context.newPage();
  const address = link(who, used);
  assert.ok(address, `set MINAR_LINK_${who.toUpperCase()} to a sign-in link`);
  await page.goto(address);
  const button = page.locator('form button, form input[type=submit]').first();
  for (const field of await page.locator('input[type=password]').all()) await field.fill('a long sentence of tests'); // an invitation
  if (new URL(page.url()).pathname.startsWith('/l/')) await button.click();
  await page.waitForSelector('main h1');
  states[who] = await context.storageState(kept ? { path: kept } : {});
  await context.close();
}

/** The screen stands and waits for nothing. */
export async function settle(page) {
  await page.waitForSelector('main h1');
  await page.waitForFunction(() => !document.querySelector('.loading'));
}

/** A page of someone ('national', 'agency' or nobody), in a language, size and theme; complains of anything the console logs. */
export async function visit(who, path, { lang = 'en', width = 1366, height = 800, theme = 'light' } = {}) {
  if (who && !states[who]) await signIn(who);
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, ...(who ? { storageState: states[who] } : {}) });
  const page = await context.newPage();
  const said = [];
  page.on('pageerror', (e) => said.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && !/status of 4[0-9][0-9]/.test(m.text()) && said.push(m.text()));
  await page.addInitScript((l) => localStorage.setItem('lang', l), lang);
  if (who) {
    await page.goto(`${base}/favicon.svg`);
    await page.evaluate((l) => fetch('/api/session', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ lang: l }) }), lang);
  }
  await page.goto(base + path);
  await settle(page);
  return { page, done: async () => { await context.close(); assert.deepEqual(said, [], 'the console logged errors'); } };
}

/** axe finds nothing on it, and it is as wide as the screen. */
export async function accessible(page, where) {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { region: { enabled: false } } }));
  assert.deepEqual(found.violations.map((v) => `${where}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(' | ')}`), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${where} is ${wide} px wider than the screen`);
}

export const rows = (page) => page.locator('[role=row][data-at]');
