// policy_viewers.mjs - from publishing to a thousand who watch: each of 1,000 people of 50 organisations holds a
// stream of his own open; indicators of three labels, and changes within one organisation, are published one after
// another. How long until those have heard who may, and has everybody heard exactly what he may see?
//   node test/bench/policy_viewers.mjs     MINAR_STORE=pg: on PostgreSQL alone; without it both stores, one after the other
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { Site, poll } from '../api/site.mjs';
import { sleep } from '../api/harness.mjs';
import { allOk, figure, missing } from './lib/measure.mjs';

const NAME = 'policy', SCALE = Number(process.env.BENCH_SCALE ?? 1);
const ORGS = 50, VIEWERS = Math.max(ORGS, Math.round(1000 * SCALE)), ROUNDS = Math.max(4, Math.round(60 * SCALE)), PAUSE_MS = 400, AIM_MS = 250;
const STORE = process.env.MINAR_STORE === 'pg' ? 'PostgreSQL' : 'SQLite';

/** One who watches. heard: key of what was told -> when. */
class Viewer {
  heard = new Map();
  ready = false;
  over = false;
  text = '';
  constructor(port, secret, org, community, national) {
    Object.assign(this, { org, community, national });
    this.socket = net.connect({ host: '127.0.0.1', port });
    this.socket.setEncoding('utf8');
    this.socket.write(`GET /api/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secret}\r\n\r\n`);
    this.socket.on('data', (d) => this.take(d));
    this.socket.on('error', () => { this.over = true; });
    this.socket.on('close', () => { this.over = true; });
  }

  take(d) {
    const at = performance.now();
    this.text += d;
    for (let cut; (cut = this.text.indexOf('\n\n')) >= 0; this.text = this.text.slice(cut + 2)) {
      const block = this.text.slice(0, cut), line = /^data: (\{"id".*)$/m.exec(block);
      if (/^id: /m.test(block)) this.ready = true;
      if (!line) continue;
      const e = JSON.parse(line[1]), key = `${e.type} ${e.subject} ${e.version}`;
      this.heard.set(key, this.heard.has(key) ? NaN : at); // nothing is told twice
    }
  }
}

/** So many at a time; a class of routes that is full is asked again when it says. */
async function each(list, at_once, fn) {
  const rest = [...list.entries()];
  await Promise.all(Array.from({ length: at_once }, async () => {
    for (let one; (one = rest.shift());) await fn(one[1], one[0]);
  }));
}

async function patient(client, method, target, json) {
  for (;;) {
    const a = await client.call(method, target, { json, checked: false });
    if (a.status === 429) await sleep(1000 * Number(a.headers['retry-after'] ?? 1));
    else if (a.status < 300) return a.json;
    else throw new Error(`${method} ${target}: ${a.status} ${a.text.slice(0, 300)}`);
  }
}

/** A realm of its own with its people; half of the organisations belong to the community. */
async function populate(site) {
  const realm = await site.desk.post('/api/realms', { name: 'crowd', kind: 'demo', now: new Date().toISOString() });
  const desk = site.client({ key: realm.key }), home = (await desk.get('/api/session')).org.id, orgs = [home], people = [];
  for (let i = 1; i < ORGS; i++) orgs.push((await patient(desk, 'POST', '/api/organisations', { key: `C${i}`, name_en: `Body ${i}`, kind: 'ministry', community: i % 2 === 0 })).id);
  await each(Array.from({ length: VIEWERS }), 8, async (_, i) => {
    const org = i % ORGS, p = await patient(desk, 'POST', '/api/people', { name: `Viewer ${i}`, mail: `v${i}@crowd.example`, org: orgs[org], roles: ['reader', 'analyst'] });
    await patient(desk, 'PATCH', `/api/people/${p.id}`, { state: 'active' });
    const key = await patient(desk, 'POST', '/api/keys', { name: 'stream', access: 'read', person: p.id });
    people[i] = { id: p.id, secret: key.secret, org };
  });
  return { desk, people };
}

/** What is published in turn, and who may hear of it. */
const ACTS = [
  { tlp: 'CLEAR', may: () => true },
  { tlp: 'GREEN', may: (v) => v.community || v.national },
  { tlp: 'AMBER', may: (v) => v.national },
];

async function publish(w, n) {
  const began = performance.now(), act = ACTS[n % 4];
  if (act) {
    const made = await patient(w.desk, 'POST', '/api/indicators', { value: `${randomUUID()}.example`, why: 'bench', tlp: act.tlp });
    return { key: `indicator.created ${made.id} 1`, began, may: act.may, rights: false };
  }
  const p = w.people[(n * 7) % w.people.length], made = await patient(w.desk, 'PATCH', `/api/people/${p.id}`, { phone: `+1 555 01${String(n % 100).padStart(2, '0')}` });
  return { key: `person.changed ${p.id} ${made.version}`, began, may: (v) => v.org === p.org || v.national, rights: true };
}

const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];

/** Lines that came late, twice, or to who may not hear them, and how long the others took. */
function judge(viewers, acts) {
  const took = { content: [], rights: [] }, wrong = { lost: 0, leaked: 0 };
  for (const a of acts) {
    for (const v of viewers) {
      const at = v.heard.get(a.key), may = a.may(v);
      if (may && !(at >= 0)) wrong.lost++;
      else if (!may && at !== undefined) wrong.leaked++;
      else if (may) took[a.rights ? 'rights' : 'content'].push(at - a.began);
    }
  }
  const known = new Set(acts.map((a) => a.key));
  wrong.leaked += viewers.reduce((n, v) => n + [...v.heard.keys()].filter((k) => !known.has(k)).length, 0);
  return { took, wrong };
}

async function run(site) {
  const w = await populate(site), clean = [];
  const viewers = w.people.map((p) => new Viewer(site.server.port, p.secret, p.org, p.org % 2 === 0, p.org === 0));
  await poll('every stream opens', () => viewers.every((v) => v.ready), 60000);
  for (let n = 0; n < 8; n++) await publish(w, n); // audiences are made, connections are warm
  await sleep(3000);
  for (const v of viewers) v.heard.clear();
  for (let n = 8; n < 8 + ROUNDS; n++) {
    clean.push(await publish(w, n));
    await sleep(PAUSE_MS);
  }
  await sleep(3000);
  const { took, wrong } = judge(viewers, clean), lines = took.content.length + took.rights.length;
  figure(NAME, `publish to ${viewers.length} streams, p99, ${STORE}`, quantile(took.content, 0.99), 'ms', AIM_MS, 'lower', `median ${quantile(took.content, 0.5).toFixed(0)} ms, ${took.content.length} lines`);
  figure(NAME, `the same when it changes somebody's rights, p99, ${STORE}`, quantile(took.rights, 0.99), 'ms', AIM_MS, 'lower', `median ${quantile(took.rights, 0.5).toFixed(0)} ms, ${took.rights.length} lines`);
  figure(NAME, `lines that should have come and did not, ${STORE}`, wrong.lost, `of ${lines + wrong.lost}`, 0, 'lower');
  figure(NAME, `lines that somebody may not see, ${STORE}`, wrong.leaked, 'lines', 0, 'lower');
  figure(NAME, `streams that ended meanwhile, ${STORE}`, viewers.filter((v) => v.over).length, 'streams', 0, 'lower');
  for (const v of viewers) v.socket.destroy();
}

async function one() {
  const site = await Site.open().catch((e) => missing(NAME, `publish to 1,000 streams, p99, ${STORE}`, 'ms', AIM_MS, 'lower', e.message));
  if (!site) return false;
  try {
    await run(site);
  } catch (e) {
    missing(NAME, `publish to 1,000 streams, p99, ${STORE}`, 'ms', AIM_MS, 'lower', `${e.message}\n${site.server?.log.slice(-600)}`);
    return false;
  } finally {
    await site.close();
  }
  return allOk();
}

if (process.env.MINAR_STORE) process.exit((await one()) ? 0 : 1);
const codes = ['sqlite', 'pg'].map((store) => spawnSync(process.execPath, [import.meta.filename], { stdio: 'inherit', env: { ...process.env, MINAR_STORE: store } }).status);
process.exit(codes.every((c) => c === 0) ? 0 : 1);
