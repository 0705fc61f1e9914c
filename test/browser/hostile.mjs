// Hostile text in every field, by every way in (API, constituents by CSV, feeds by CSV and JSON lines, indicators by
// hand and by file, notices and their mails), then a browser walks every view in both languages, with all rows
// drawn. It fails on any script that runs, dialog, request to elsewhere, report of the policy, or error.
//   MINAR=build/minar node --test test/browser/hostile.mjs
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { send, sleep } from '../api/harness.mjs';
import { Site, poll } from '../api/site.mjs';
import { mailConf, startMailbox } from '../api/smtp.mjs';
import { day, populate, stamp } from '../api/world.mjs';
import { NAUGHTY, PAYLOADS, texts } from './hostile_text.mjs';

const need = createRequire(path.resolve(import.meta.dirname, '../../web/package.json'));
const { chromium } = need('playwright-core');
let site, desk, w, box, browser, national, agency;
const made = { organisations: [], people: [], feeds: [], indicators: [], links: [] };

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  national = await site.enter((await desk.ok('POST', '/api/session/link')).link);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
});
after(async () => {
  await browser?.close();
  await site?.close();
  await box?.stop();
});

// ---- in ----

/** Taken (the answer), or refused in words (undefined); anything else is a fault. */
async function put(method, target, options) {
  for (;;) {
    const a = await desk.call(method, target, options);
    if (a.status < 300) return a.json;
    if (a.status !== 429) assert.ok([400, 409, 422].includes(a.status), `${method} ${target} ${JSON.stringify(options).slice(0, 300)}: ${a.status} ${a.text.slice(0, 300)}`);
    if (a.status !== 429) return undefined;
    await sleep(150);
  }
}

const FIELDS = 5, N = texts(0, FIELDS).length;
const cell = (s) => `"${String(s).replaceAll('"', '""')}"`;

async function byHand() {
  const [a, b, c, d, e] = Array.from({ length: FIELDS }, (_, n) => texts(n, FIELDS, 100));
  for (let i = 0; i < N; i++) {
    const o = await put('POST', '/api/organisations', { json: { key: `H${i}`, name_en: a[i] || 'x', name_ur: b[i], province: c[i], kind: 'other' } });
    if (o) made.organisations.push(o.id);
    const p = await put('POST', '/api/people', { json: { name: d[i] || 'x', mail: `hostile${i}@example.org`, phone: e[i]?.slice(0, 40), org: w.MOX, contact_role: 'none', lang: i % 2 ? 'ur' : 'en' } });
    if (p) made.people.push(p.id);
    if (p && i < 90) made.links.push(p.link);
    const n = await put('POST', '/api/indicators', { json: { value: `h${i}.example`, why: b[i] || 'x', source: a[i] || 'x' } });
    if (n) made.indicators.push(n.id);
    await put('POST', '/api/keys', { json: { name: c[i] || 'x', access: 'read', days: 1 } });
    if (i >= PAYLOADS.length) continue;
    const f = await put('POST', '/api/feeds', { json: { key: `h-${i}`, format: 'csv', name_en: a[i], name_ur: b[i], provider: c[i], declaration: i % 2 ? undefined : `name: ${JSON.stringify(d[i])}\nformat: csv\nprovider: ${JSON.stringify(e[i])}\n` } });
    if (f) made.feeds.push(f.id);
    for (const [target, field] of [['/api/organisations', 'key'], ['/api/feeds', 'key'], ['/api/indicators', 'value']]) await put('POST', target, { json: { key: 'x', name_en: 'x', kind: 'bank', format: 'csv', value: 'x', why: 'x', ...(target.endsWith('s') ? {} : {}), [field]: a[i] } });
    await put('POST', `/api/organisations/${w.MOX}/networks`, { json: { value: a[i] } });
  }
}

async function byFile() {
  const [a, b, c, d] = Array.from({ length: 4 }, (_, n) => texts(n, 4, 200));
  const bodies = a.map((s, i) => [`C${i}`, s, b[i], 'other', c[i], d[i], `csv${i}@example.org`, s.slice(0, 40)].map(cell).join(','));
  await put('POST', `/api/imports/organisations?name=${encodeURIComponent(PAYLOADS[0])}.csv`, { body: `Code,Name,Urdu name,Type,Province,Contact,Mail,Phone\n${bodies.join('\n')}\n` });
  const list = a.map((s, i) => [`f${i}.example`, s, b[i]].map(cell).join(','));
  await put('POST', `/api/imports/indicators?name=${encodeURIComponent(PAYLOADS[1])}.csv&source=${encodeURIComponent(PAYLOADS[3])}`, { body: `value,why,tags\n${list.join('\n')}\n` });
  await put('POST', `/api/imports/indicators?dry_run=true&name=${encodeURIComponent(PAYLOADS[2])}.txt`, { body: a.join('\n') });
}

/** Events whose every text field is hostile, at machines of the agency, so that they become findings and notices. */
async function byFeed() {
  const [a, b, c] = Array.from({ length: 3 }, (_, n) => texts(n, 3, 300));
  const rows = a.map((s, i) => [stamp(2), 'high', `198.18.${4 + (i >> 8)}.${i & 255}`, cell(b[i]), 1000 + i, cell(s), 64500, 'PK', cell(c[i])].join(','));
  for (const name of [`${day()}-scan_widget-h.csv`, `${PAYLOADS[0].slice(0, 60)}.csv`]) await put('POST', `/api/feeds/shadowserver/files?wait=true&name=${encodeURIComponent(name)}`, { body: `timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n${rows.join('\n')}\n` });
  await put('POST', '/api/feeds', { json: { key: 'lines', format: 'jsonl', name_en: 'Lines' } });
  const lines = a.map((s, i) => JSON.stringify({ 'time.source': new Date(Date.now() - 36e5).toISOString(), 'source.ip': `198.18.6.${i % 250}`, 'classification.type': i % 2 ? s : 'vulnerable-system', 'classification.identifier': b[i], 'classification.taxonomy': c[i], 'malware.name': s, 'event_description.text': b[i], 'source.url': `http://h.example/${encodeURIComponent(c[i])}`, 'protocol.application': s, 'feed.name': b[i], 'extra.note': c[i], [s.slice(0, 60)]: s }));
  await put('POST', '/api/feeds/lines/files?wait=true&name=lines.jsonl', { body: `${lines.join('\n')}\n` });
  await put('PUT', '/api/shadowserver/mapping', { body: JSON.stringify({ _meta: { change_log: [PAYLOADS[0]] }, [PAYLOADS[1]]: { feed_name: PAYLOADS[0], file_name: PAYLOADS[1], constant_fields: { 'classification.identifier': PAYLOADS[0] }, required_fields: [['time.source', 'timestamp', 'x']], optional_fields: [] } }) });
  await desk.call('GET', `/api/lookup?q=${encodeURIComponent(PAYLOADS[0])}`);
}

// ---- seen ----

const PATHS = ['/queue', '/notices', '/events', '/events?table=1', '/feeds', '/indicators', '/organisations', '/organisations/import', '/ledger', '/people', '/keys', '/realms'];
const AGENCY = ['/agency', '/notices', '/events', '/people', '/keys', '/ledger'];
/** A text as a part of a path; with a dot in it the address would be a file's, not a view's. */
const segment = (p) => encodeURIComponent(p).replaceAll('.', '%2E');
const ASKED = PAYLOADS.filter((_, i) => i % 20 === 0).flatMap((p) => [`/events?q=${encodeURIComponent(p)}`, `/organisations?q=${encodeURIComponent(p)}`, `/indicators?q=${encodeURIComponent(p)}`, `/${segment(p)}`, `/notices/${segment(p)}`, `/queue#${encodeURIComponent(p)}`]);

/** Signs a person in where the browser is, by the page of a one-time link or by name and password. */
async function enter(link, { mail, password } = {}) {
  const context = await browser.newContext(), page = await context.newPage(), at = `http://localhost:${site.port}`;
  await page.goto(link ? at + new URL(link).pathname : `${at}/favicon.svg`);
  if (link) await page.locator('form button').first().click();
  else assert.equal(await page.evaluate(async (b) => (await fetch('/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(b) })).status, { mail, password }), 200);
  if (link) await page.waitForSelector('main h1');
  const state = await context.storageState();
  await context.close();
  return state;
}

/** A page that tells of everything which a text must not do. */
async function watched(who, lang) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, ...(who ? { storageState: who.state } : {}) });
  const page = await context.newPage(), seen = [];
  await page.exposeFunction('hostile', (what) => { seen.push(`script ran: ${what}`); });
  await page.exposeFunction('reported', (what) => { seen.push(`policy: ${what}`); });
  await page.addInitScript((l) => {
    localStorage.setItem('lang', l);
    addEventListener('securitypolicyviolation', (e) => globalThis.reported(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
  }, lang);
  page.on('dialog', (d) => { seen.push(`dialog: ${d.message()}`); void d.dismiss(); });
  page.on('pageerror', (e) => seen.push(`error: ${e}`));
  page.on('console', (m) => m.type() === 'error' && !/status of 4\d\d/.test(m.text()) && seen.push(`console: ${m.text()}`));
  page.on('request', (q) => { const u = new URL(q.url()); if (q.url() !== page.asked && u.protocol.startsWith('http') && (u.port !== String(site.port) || u.pathname.startsWith('/hostile-ran') || /^\/x(?![a-z])/.test(u.pathname))) seen.push(`request: ${q.url()}`); });
  page.on('popup', (p) => seen.push(`window: ${p.url()}`));
  return { page, seen, close: () => context.close(), go: (to) => go(page, to) };
}

/** Opens a view and has it draw all of its rows. */
async function go(page, to) {
  page.asked = new URL(`http://localhost:${site.port}${to}`).href.split('#')[0];
  await page.goto(`http://localhost:${site.port}${to}`);
  await page.waitForSelector('main h1, main', { timeout: 10000 });
  await page.waitForFunction(() => !document.querySelector('.loading'), null, { timeout: 10000 }).catch(() => {});
  let drawn = -1;
  for (let i = 0; i < 40; i++) {
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.waitForTimeout(60);
    const now = await page.locator('[role=row][data-at]').count();
    if (now === drawn) break;
    drawn = now;
  }
  await page.evaluate(() => { for (const x of document.querySelectorAll('details')) x.open = true; });
  return drawn;
}

const some = (list, n) => list.filter((_, i) => i % Math.ceil(list.length / n) === 0);

test('the policy is strict, and asks for trusted types', async () => {
  for (const target of ['/', '/queue', `/l/${made.links[0] ?? 'live.x'}`]) {
    const a = await send(site.server, 'GET', target, { headers: { accept: 'text/html' } }), csp = a.headers['content-security-policy'];
    for (const word of ["script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(csp.includes(word), `${target}: ${csp}`);
    assert.ok(!/unsafe-inline|unsafe-eval|\*|https?:/.test(csp), csp);
    assert.ok(!/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|\sstyle=/i.test(a.text), `${target} holds script or style of its own`);
  }
  const p = await watched(null, 'en');
  await p.page.goto(`http://localhost:${site.port}/`);
  await p.page.waitForSelector('main');
  await p.page.evaluate(() => { try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hostile()>'); } catch { /* that is what it is for */ } });
  await poll('the watch sees a text become markup', () => p.seen.some((s) => s.startsWith('policy: require-trusted-types-for')), 5000);
  await p.close();
});

test('CVE-2019-11813 hostile text in every field, by every way in, runs in no view', async () => {
  assert.ok(NAUGHTY.length > 400 && PAYLOADS.length >= 90, `${NAUGHTY.length} ${PAYLOADS.length}`);
  await byHand();
  await byFile();
  await byFeed();
  assert.ok(made.organisations.length > 120 && made.people.length > 120 && made.feeds.length > 60 && made.indicators.length > 120, JSON.stringify(Object.entries(made).map(([k, v]) => [k, v.length])));
  const notices = await poll('notices', async () => { const x = await desk.all('/api/notices'); return x.length >= 3 && x; }, 30000);
  const findings = await desk.all('/api/findings'), events = (await desk.get('/api/events?limit=200')).items;
  agency = Object.assign(w.mox, { state: await enter(null, w.mox) });
  national.state = await enter((await desk.ok('POST', '/api/session/link')).link);
  const details = (n) => [...some(made.organisations, n).map((id) => `/organisations/${id}`), ...some(made.people, n).map((id) => `/people/${id}`), ...some(made.feeds, n).map((id) => `/feeds/${id}`), ...some(made.indicators, n).map((id) => `/indicators/${id}`),
    ...some(notices, n).flatMap((x) => [`/notices/${x.id}`, `/queue/${x.id}`]), ...some(findings, n).map((f) => `/findings/${f.id}`), ...some(events, n).map((e) => `/events/${e.id}`)];
  for (const lang of ['en', 'ur']) {
    for (const [who, paths] of [[national, [...PATHS, ...details(lang === 'en' ? 6 : 2), ...(lang === 'en' ? ASKED : [])]], [agency, AGENCY], [null, ['/', '/queue', `/${segment(PAYLOADS[0])}`]]]) {
      if (who) await who.ok('PATCH', '/api/session', { json: { lang } });
      const p = await watched(who, lang);
      let drawn = 0;
      for (const to of paths) {
        drawn += await p.go(to);
        assert.deepEqual(p.seen, [], `${lang} ${to}`);
      }
      if (who === national) assert.ok(drawn > 600, `${drawn} rows were drawn`);
      await p.close();
    }
  }
});

test('pages of links and mails escape whatever stands in a name', async () => {
  const p = await watched(null, 'en');
  for (const link of some(made.links, 24)) {
    await p.page.goto(`http://localhost:${site.port}${new URL(link).pathname}`);
    await p.page.waitForSelector('form, main');
    assert.deepEqual(p.seen, [], link);
  }
  await p.close();
  await poll('mails', () => box.mails.length > 60, 30000);
  for (const m of box.mails) {
    assert.ok(!/<(script|img|svg|iframe|object|embed|link|meta http|base|form|style[^>]*>@import)[\s>/]/i.test(m.html.replace(/<meta charset[^>]*>|<meta name[^>]*>/gi, '')), m.html.slice(0, 2000));
    assert.deepEqual(m.defects, []);
  }
});
