// operator_search.mjs - search over a million records, from the shipped binary with default settings, over HTTP, one
// question after another.   node test/bench/operator_search.mjs     MINAR_STORE=pg: on PostgreSQL
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Site, cookieOf } from '../api/site.mjs';
import { sleep } from '../api/harness.mjs';
import { allOk, family, figure, missing } from './lib/measure.mjs';
import { BODIES, constituents, dice, indicators } from './lib/world.mjs';

const NAME = 'operator', SCALE = Number(process.env.BENCH_SCALE ?? 1), STORE = process.env.MINAR_STORE === 'pg' ? 'PostgreSQL' : 'SQLite';
const INDICATORS = Math.round(983616 * SCALE), BODY_COUNT = Math.max(64, Math.round(BODIES * SCALE)), ASKED = Math.max(60, Math.round(400 * SCALE)), AIM_MS = 50;
const PACE_MS = 51; // the class of these routes lets one person ask twenty times a second
const work = mkdtempSync(path.join(process.env.BENCH_TMP ?? tmpdir(), 'minar-bench-'));
const at = (name) => path.join(work, name), say = (words) => console.error(`  ... ${words}`);
let site;

async function cli(...args) {
  const began = performance.now(), r = await site.cli(args, { ms: 3600000 });
  if (r.code) throw new Error(`minar ${args.join(' ')}: exit ${r.code}: ${r.err.trim().slice(-400)}`);
  return (performance.now() - began) / 1000;
}

async function person(org, mail, roles) {
  const { link } = await site.desk.post('/api/people', { name: mail, mail, org, roles, contact_role: 'none' });
  const form = { password: `a long one for ${mail}`, again: `a long one for ${mail}` };
  const a = await site.press(link, form);
  return site.client({ cookie: cookieOf(a) });
}

async function make() {
  site = await Site.open({});
  say(`${BODY_COUNT} bodies with networks, domains and people`);
  await cli('org', 'import', constituents(at('bodies.csv'), BODY_COUNT));
  say(`${INDICATORS} indicators`);
  const took = await cli('indicator', 'import', indicators(at('indicators.txt'), INDICATORS), '--source', 'bench', '--tlp', 'GREEN');
  figure(NAME, 'indicators read in, with their words', INDICATORS / took, 'rows/s');
  await site.stop(); // an aged store: what was read in is not in memory
  await site.start();
}

// ---- what people ask ----

const roll = dice(11);
const ASK = {
  'a rare value': () => { const i = roll(INDICATORS); return `d${i - (i % 3) + 1}.bad${(i - (i % 3) + 1) % 4093}.example`; },
  'a domain with hundreds below it': () => `bad${roll(4093)}.example`,
  'a body, in English': () => `river office ${roll(BODY_COUNT)}`,
  'a body, in Roman spelling': () => `daftar ${roll(BODY_COUNT)}`,
  'a body, in Urdu': () => `دفتر ${roll(BODY_COUNT)}`,
  'a word of all bodies': () => 'office',
  'a word of all indicators': () => 'bench',
  'a person': () => `Person ${roll(BODY_COUNT)}`,
  'nothing': () => `zqx${roll(1000)}`,
};

async function ask(who, target) {
  for (;;) {
    const began = performance.now(), a = await who.call('GET', target, { checked: false }), ms = performance.now() - began;
    if (a.status === 429) { await sleep(1000); continue; }
    if (a.status !== 200) throw new Error(`${target}: ${a.status} ${a.text.slice(0, 200)}`);
    if (ms < PACE_MS) await sleep(PACE_MS - ms);
    return { ms, items: a.json.items.length };
  }
}

const p = (list, share) => [...list].sort((x, y) => x - y)[Math.min(list.length - 1, Math.ceil(list.length * share) - 1)];

/** Processor time of the server's threads so far, in ms: what a question costs when other work runs beside. */
function processor(pids) {
  let ns = 0;
  for (const pid of pids) for (const task of readdirSync(`/proc/${pid}/task`)) {
    try { ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]); } catch { /* it ended */ }
  }
  return ns / 1e6;
}

/** So many questions of all sorts in turn; the worst sort is told beside. */
async function round(who, words, more, cut = (q) => q) {
  const kinds = Object.entries(ASK), took = new Map(kinds.map(([k]) => [k, []])), all = [];
  let found = 0;
  for (let i = 0; i < 20; i++) await ask(who, `/api/search?q=${encodeURIComponent(cut(kinds[i % kinds.length][1]()))}${more}`);
  const pids = family(site.server.child.pid), spent = [];
  for (let i = 0; i < ASKED; i++) {
    const before = processor(pids);
    const [kind, make] = kinds[i % kinds.length], { ms, items } = await ask(who, `/api/search?q=${encodeURIComponent(cut(make()))}${more}`);
    spent.push(processor(pids) - before);
    took.get(kind).push(ms);
    all.push(ms);
    found += items;
  }
  if (!found) throw new Error(`${words}: nothing was found`);
  const worst = [...took].map(([k, list]) => [k, p(list, 0.99)]).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([k, ms]) => `${k} ${ms.toFixed(1)}`).join(', ');
  figure(NAME, `search, 1 M records, ${words}, p99, ${STORE}`, p(all, 0.99), 'ms', AIM_MS, 'lower', `median ${p(all, 0.5).toFixed(1)}; processor p99 ${p(spent, 0.99).toFixed(1)}, median ${p(spent, 0.5).toFixed(1)}; n ${all.length}; worst sorts: ${worst}`);
}

async function search() {
  const orgs = (await site.desk.get('/api/organisations?q=B7&limit=1')).items, { org } = await site.desk.get('/api/session');
  const officer = await person(org.id, 'officer@cert.example', ['reader', 'analyst', 'coordinator']);
  const agency = await person(orgs[0].id, 'agent@b7.example', ['reader', 'analyst', 'org_admin']);
  for (const [who, whose] of [[officer, 'national desk'], [agency, 'an agency']]) {
    await round(who, `the box, ${whose}`, '&limit=4');
    await round(who, `the box while one types, ${whose}`, '&limit=4&typing=true', (q) => q.slice(0, Math.max(3, q.length - 1 - roll(3))));
    await round(who, `a page with counts, ${whose}`, '&limit=20&counts=true');
  }
}

try {
  await make();
  await search();
} catch (e) {
  missing(NAME, 'search, 1 M records, p99', 'ms', AIM_MS, 'lower', e.message);
} finally {
  await site?.close();
  rmSync(work, { recursive: true, force: true });
}
process.exit(allOk() ? 0 : 1);
