// nth.mjs - the n-th call fails: of the calls that write, sync or open a file below the data folder, take a connection,
// or ask for memory, the first fails, then the second, and so on until a write gets through without it; for every route
// that writes (writes.mjs). What was answered as done is there and stays, what was refused is refused in words, the
// program goes on or is back by itself, and the ledger is proved at the end.
// MINAR=build/minar node test/fault/nth.mjs [MOST] [ROUTE ...]  (at most so many calls of each kind a write; default 12)
// node test/fault/nth.mjs --rows       only whether every route that writes has its row
import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { BUILD, SLOW, send, sleep } from '../api/harness.mjs';
import { Site } from '../api/site.mjs';
import { populate } from '../api/world.mjs';
import { WRITES, actors, ready, routes, unwritten } from './writes.mjs';

const ROWS = process.argv.includes('--rows'), MOST = Number(process.argv[2] ?? 12), KINDS = { write: 1, sync: 2, open: 3, accept: 4, memory: 5 };
const dir = mkdtempSync('/dev/shm/minar-nth-'), control = path.join(dir, 'control');
writeFileSync(control, Buffer.alloc(8));
const fd = openSync(control, 'r+');
let site, w, n = 0;
const kept = new Map(); // organisations that were answered as made
const count = { tried: 0, failed: 0, refused: 0, cut: 0, done: 0, stopped: 0, routes: 0, refusing: 0 };

function arm(kind, nth) {
  const b = Buffer.alloc(8);
  b.writeUInt32LE(kind, 0);
  b.writeInt32LE(nth, 4);
  writeSync(fd, b, 0, 8, 0);
}
/** Has it failed? */
function fired() {
  const b = Buffer.alloc(8);
  readSync(fd, b, 0, 8, 0);
  return b.readInt32LE(4) <= 0;
}

before(async () => {
  if (ROWS) return;
  site = await Site.open({ parent: '/dev/shm', conf: { outbox: { hold_s: 2 }, http: { max_connections_per_ip: 4000 } } });
  w = await populate(site);
  await actors(site, w);
  await site.stop();
  await started();
});

async function started() {
  const env = { LD_PRELOAD: path.join(BUILD, 'test/fault/libnth.so'), MINAR_NTH: control, MINAR_POWER_ROOT: site.dir };
  Object.assign(process.env, env);
  try { await site.start(); } finally { for (const name of Object.keys(env)) delete process.env[name]; }
}
after(async () => {
  arm(0, 0);
  await site?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The program answers, by itself. One that stopped is started anew afterwards, or its supervisor, who has seen
 * it stop again and again, would wait longer each time. */
async function back(what) {
  await sleep(20);
  const stopped = /what=proc\.end kind=server/.test(site.server.log);
  await answers(what);
  if (!stopped) return;
  count.stopped++;
  assert.match(site.server.log, /what=proc\.restart kind=server/);
  await site.stop();
  await started();
}

async function answers(what) {
  for (const began = Date.now(); Date.now() - began < 20000 * SLOW; await sleep(20)) {
    const a = await send(site.server, 'GET', '/readyz').catch(() => null);
    if (a?.status === 200) return;
  }
  assert.fail(`${what}: not back within ${20 * SLOW} s\n${site.server.log.split("\n").filter((l) => !/what=api.answer/.test(l)).join("\n").slice(-3000)}`);
}

/** A call of the route, all made ready before; what was made is remembered when it was answered for. */
async function call(route, kind = 0, nth = 0) {
  const go = await ready(route, { site, w, desk: site.desk, n: ++n });
  arm(kind, nth);
  const a = await go().catch((e) => ({ status: 0, text: String(e) }));
  const hit = kind > 0 && fired();
  arm(0, 0);
  if (route.id === 'organisation_create' && a.status === 201) kept.set(a.json.id, `Body ${n}`);
  if (a.status >= 400 && !/html/.test(a.headers['content-type'])) assert.ok((a.json?.detail ?? a.json?.title ?? '').length > 10, `refused without words: ${a.status} ${a.text}`);
  return { ...a, hit };
}

async function failing(route, kind, most) {
  // Memory is asked for thousands of times: each time twice as far.
  for (let nth = 1, tries = 0; tries < most; tries++, nth = kind === 'memory' ? 2 * nth : nth + 1) {
    const a = await call(route, KINDS[kind], nth);
    count.tried++;
    if (!a.hit) return tries;
    count.failed++;
    count[a.status === 0 ? 'cut' : a.status < 400 ? 'done' : 'refused']++;
    await back(`${route.id}, ${kind} ${nth}`);
  }
  return most;
}

test('every route that writes has its row', () => assert.deepEqual(unwritten(), []));

const ONLY = process.argv.slice(3);
for (const route of ROWS ? [] : routes.filter((r) => !ONLY.length || ONLY.includes(r.id))) {
  const { why } = WRITES[route.id];
  test(route.id, { timeout: 1200e3 * SLOW }, async () => {
    await answers(route.id);
    const plain = await call(route);
    if (why) assert.ok(plain.status >= 400 && plain.status < 500, `${why}, and yet ${plain.status} ${plain.text}`);
    else assert.ok(plain.status < 400, `without a fault: ${plain.status} ${plain.text}`);
    for (const kind of Object.keys(KINDS)) {
      const seen = await failing(route, kind, why ? 1 : MOST);
      if (!why && route.where === 'writer' && ['write', 'sync'].includes(kind)) assert.ok(seen > 0 || MOST < 1, `no ${kind} was seen`);
    }
    count[why ? 'refusing' : 'routes']++;
  });
}

test('what was answered is there, and the ledger is proved', { skip: ROWS }, async () => {
  const there = new Map((await site.desk.all('/api/organisations')).map((o) => [o.id, o.name.en]));
  for (const [id, name] of kept) assert.equal(there.get(id), name, 'an answered write is lost');
  await site.stop();
  const r = await site.cli(['verify', '--json']);
  assert.equal(r.code, 0, r.err);
  console.log(`# ${count.routes} routes that write and ${count.refusing} that refuse here: ${count.tried} calls, ${count.failed} with a call that failed: ${count.done} done all the same, ${count.refused} refused in words, ${count.cut} cut off; the program stopped ${count.stopped} times and came back; ${kept.size} organisations kept`);
});
