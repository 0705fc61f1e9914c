// foundation.mjs - the figures of the main job, from the shipped binary with default settings over an aged
// store: see the table at the end of docs/performance.md. One function a figure.
//   node test/bench/foundation.mjs [PART ...]     parts: sizes start read write feed promote
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MINAR, SOURCE } from '../api/harness.mjs';
import { Site, cookieOf } from '../api/site.mjs';
import { allOk, figure, luaList, machine, missing, peakMb, wrk } from './lib/measure.mjs';
import { constituents, indicators, mapping, report, reportName } from './lib/world.mjs';

const NAME = 'foundation', READERS = 64, SCALE = Number(process.env.BENCH_SCALE ?? 1);
const EVENTS = Math.round(1e6 * SCALE), INDICATORS = Math.round(1e6 * SCALE);
const parts = process.argv.slice(2);
const wanted = (part) => !parts.length || parts.includes(part);
const work = mkdtempSync(path.join(process.env.BENCH_TMP ?? tmpdir(), 'minar-bench-'));
const at = (name) => path.join(work, name);
const say = (words) => console.error(`  ... ${words}`);
let site;

async function cli(...args) {
  const r = await site.cli(args, { ms: 3600000 });
  if (r.code) throw new Error(`minar ${args.join(' ')}: exit ${r.code}: ${r.err.trim().slice(-400)}`);
  return r.out;
}

// ---- the world ----

/** Waits until the ledger has not grown for a second; gives the moment of its last growth. */
async function settle() {
  let last = -1, moment = performance.now();
  for (;;) {
    const { size } = await site.desk.get('/api/ledger?limit=1', { checked: false }), now = performance.now();
    if (size !== last) [last, moment] = [size, now];
    else if (now - moment > 1000) return moment;
    await new Promise((r) => setTimeout(r, 20));
  }
}

/** Waits until what earlier figures set going has left too: a notice is held for 30 s, and leaves then. */
async function rest() {
  const began = performance.now();
  while ((await site.desk.get('/api/notices?state=held', { checked: false })).items.length) await new Promise((r) => setTimeout(r, 500));
  await settle();
  say(`at rest after ${Math.round((performance.now() - began) / 1000)} s`);
}

async function make() {
  site = await Site.open({});
  say('a country of 8,192 bodies');
  await cli('org', 'import', constituents(at('bodies.csv')));
  say(`${INDICATORS} indicators`);
  await cli('indicator', 'import', indicators(at('indicators.txt'), INDICATORS), '--source', 'bench');
  await cli('feed', 'mapping', mapping(at('mapping.json')));
  await cli('feed', 'add', 'shadowserver', '--format', 'shadowserver');
  await settle();
}

/** A person who has signed in; links of one address are opened at most once a second for long. */
async function person(org, mail) {
  const { link } = await site.desk.post('/api/people', { name: mail, mail, org, roles: ['analyst', 'coordinator'] });
  const form = { password: `a long one for ${mail}`, again: `a long one for ${mail}` };
  for (;;) {
    const a = await site.press(link, form);
    if (a.status !== 429) return site.client({ cookie: cookieOf(a) });
    await new Promise((r) => setTimeout(r, 1100));
  }
}

/** As many people of the national desk, each with a key: the rate classes count by person. */
async function keys(n) {
  const { org } = await site.desk.get('/api/session'), made = [];
  for (let i = 0; i < n; i++) {
    const who = await person(org.id, `bench${i}@cert.example`);
    made.push((await who.post('/api/keys', { name: 'bench', access: 'write' })).secret);
  }
  return made;
}

// ---- figures ----

function sizes() {
  const r = spawnSync(process.execPath, ['tools/size.mjs'], { cwd: path.join(SOURCE, 'web'), encoding: 'utf8' });
  const first = /^first view.*: ([\d.]+) KB/m.exec(r.stdout);
  const pages = [...r.stdout.matchAll(/^ {2}(\S+\.svelte)\s+([\d.]+) KB/gm)].map((m) => [m[1], Number(m[2])]).sort((a, b) => b[1] - a[1]);
  if (!first || !pages.length) throw new Error(`tools/size.mjs said ${r.stdout.slice(0, 200)} ${r.stderr.slice(0, 200)}`);
  figure(NAME, 'console: first view, gzip', Number(first[1]), 'KB', 150, 'lower');
  figure(NAME, 'console: heaviest page, gzip', pages[0][1], 'KB', 30, 'lower', pages[0][0]);
}

async function feedFile(what, rows, share, first) {
  const file = report(at(reportName(what)), rows, share, first);
  const began = performance.now();
  await cli('feed', 'import', 'shadowserver', file);
  return (performance.now() - began) / 1000;
}

async function feed() {
  await site.stop();
  await site.start();
  const took = await feedFile('one', EVENTS, 0.01, 0);
  figure(NAME, 'Shadowserver CSV to history, 1 % promoted', EVENTS / took, 'events/s', 80000);
  figure(NAME, 'memory of all processes meanwhile, peak', peakMb(site.server.child.pid), 'MB', 768, 'lower');
  await settle();
}

/** When the last finding or notice was written, by the ledger's own times: what leaves later (a notice is held for
 * 30 s) does not count. */
async function writtenLast(since) {
  const types = new Set(['finding.opened', 'finding.noticed', 'notice.written']);
  let last = since;
  for (let next = ''; next !== null;) {
    const page = await site.desk.get(`/api/ledger?limit=200${next ? `&cursor=${encodeURIComponent(next)}` : ''}`, { checked: false });
    for (const e of page.items) if (types.has(e.type)) last = Math.max(last, Date.parse(e.at));
    if (!page.items.length || Date.parse(page.items.at(-1).at) < since) break;
    next = page.next;
  }
  return last;
}

async function promote() {
  const rows = EVENTS, began = Date.now(), before = await openFindings();
  await feedFile('five', rows, 0.05, 200000);
  await settle();
  const took = ((await writtenLast(began)) - began) / 1000, made = (await openFindings()) - before;
  figure(NAME, 'findings with their notices, 5 % promoted', made / took, 'findings/s', 2000, 'higher', `${made} findings`);
}

const openFindings = async () => (await site.desk.get('/api/status', { checked: false })).findings_open;

async function start() {
  await site.stop();
  const began = performance.now();
  const begun = site.start();
  for (;;) {
    try {
      if ((await fetch(`http://127.0.0.1:${site.port}/healthz`)).status === 200) break;
    } catch { /* not yet */ }
    await new Promise((r) => setTimeout(r, 2));
  }
  figure(NAME, 'start to first answer, aged store', performance.now() - began, 'ms', 500, 'lower');
  await begun;
}

async function slowQuery(stop) {
  while (!stop.now) await site.desk.get('/api/events/summary?q=isp', { checked: false }).catch(() => new Promise((r) => setTimeout(r, 100)));
}

const BEARER = (list) => `local keys = ${luaList(list)}
local n = 0
local function key() n = n + 1; return "Bearer " .. keys[n % #keys + 1] end\n`;

async function read(list) {
  const ids = (await site.desk.get('/api/organisations?limit=200')).items.map((o) => o.id);
  const script = `${BEARER(list)}local ids = ${luaList(ids)}
function request() return wrk.format("GET", "/api/organisations/" .. ids[n % #ids + 1], { ["Authorization"] = key() }) end`;
  const stop = { now: false }, slow = slowQuery(stop);
  const idle = await wrk(site, { script: 'function request() return wrk.format("GET", "/healthz") end', seconds: 2 });
  const r = await wrk(site, { script, seconds: 10 });
  stop.now = true;
  await slow;
  if (r.bad || r.broken) console.error(`  read: ${r.bad} answers were no 2xx, ${r.broken} broke`);
  figure(NAME, 'small authorised GET, 64 connections, slow query beside', r.rate, 'requests/s', 40000, 'higher', `(a health check under the same generator: ${Math.round(idle.rate)})`);
  figure(NAME, 'the same, 99th percentile', r.p99, 'ms', 5, 'lower');
}

async function write(list) {
  const script = `${BEARER(list)}local run = "${Date.now().toString(36)}"
function request()
  local k = key()
  return wrk.format("POST", "/api/indicators", { ["Authorization"] = k, ["Content-Type"] = "application/json" },
    '{"value":"w' .. n .. '.' .. run .. '.example","why":"bench"}')
end`;
  const r = await wrk(site, { script, seconds: 10 });
  if (r.bad || r.broken) console.error(`  write: ${r.bad} answers were no 2xx, ${r.broken} broke`);
  figure(NAME, 'durable writes, 64 connections', r.rate, 'requests/s', 5000);
  figure(NAME, 'the same, 99th percentile', r.p99, 'ms', 30, 'lower');
}

// ---- all ----

async function attempt(name, fn) {
  if (!wanted(name)) return;
  try {
    await fn();
  } catch (e) {
    missing(NAME, name, '', null, 'higher', e.message);
    process.exitCode = 1;
  }
}

async function main() {
  await attempt('sizes', sizes);
  if (!['start', 'read', 'write', 'feed', 'promote'].some(wanted)) return;
  await make();
  for (const m of machine(MINAR, site.dir)) figure('machine', m.work, m.value, m.unit);
  await attempt('feed', feed);
  await attempt('promote', promote);
  await attempt('start', start);
  if (wanted('read') || wanted('write')) {
    const list = await keys(READERS);
    await rest();
    await attempt('read', () => read(list));
    await attempt('write', () => write(list));
  }
}

try {
  await main();
} finally {
  await site?.close();
  rmSync(work, { recursive: true, force: true });
}
if (!allOk()) console.error('  some figures fell short');
