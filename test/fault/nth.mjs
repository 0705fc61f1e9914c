// nth.mjs - the n-th call fails: of the calls that write, sync or open a file below the data folder, or take a
// connection, the first fails, then the second, and so on until a write gets through without it; for each kind of
// write. What was answered as done is there and stays, what was refused is refused in words, the program goes on or
// is back by itself, and the ledger is proved at the end.
// MINAR=build/minar node test/fault/nth.mjs [MOST]       (at most so many calls of each kind a write; default 12)
import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { BUILD, send, sleep } from '../api/harness.mjs';
import { Client, Site } from '../api/site.mjs';
import { populate, report } from '../api/world.mjs';

const MOST = Number(process.argv[2] ?? 12), KINDS = { write: 1, sync: 2, open: 3, accept: 4 };
const dir = mkdtempSync('/dev/shm/minar-nth-'), control = path.join(dir, 'control');
writeFileSync(control, Buffer.alloc(8));
const fd = openSync(control, 'r+');
let site, w, key, n = 0;
const kept = new Map(); // organisations that were answered as made
const count = { tried: 0, failed: 0, refused: 0, cut: 0, done: 0, stopped: 0 };

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
  site = await Site.open({ parent: '/dev/shm', conf: { outbox: { hold_s: 0 }, http: { max_connections_per_ip: 4000 } } });
  w = await populate(site);
  await w.give([['198.18.4.10']]);
  key = (await site.desk.post('/api/keys', { name: 'load', access: 'write' })).secret;
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
  if (stopped) {
    count.stopped++;
    assert.match(site.server.log, /what=proc\.restart kind=server/);
  }
  await answers(what);
  if (!stopped) return;
  await site.stop();
  await started();
}

async function answers(what) {
  for (const began = Date.now(); Date.now() - began < 20000; await sleep(20)) {
    const a = await send(site.server, 'GET', '/readyz').catch(() => null);
    if (a?.status === 200) return;
  }
  assert.fail(`${what}: not back within 20 s\n${site.server.log.split("\n").filter((l) => !/what=api.answer/.test(l)).join("\n").slice(-3000)}`);
}

const me = () => new Client(site, { key });
const WRITES = {
  'an organisation': async () => {
    const name = `Body ${++n}`, a = await me().call('POST', '/api/organisations', { json: { key: `K${n}`, name_en: name, kind: 'bank' }, checked: false });
    if (a.status === 201) kept.set(a.json.id, name);
    return a;
  },
  'a network': () => me().call('POST', `/api/organisations/${w.MOX}/networks`, { json: { value: `n${++n}.example` }, checked: false }),
  'an indicator': () => me().call('POST', '/api/indicators', { json: { value: `i${++n}.example`, why: 'x' }, checked: false }),
  'a person': () => me().call('POST', '/api/people', { json: { name: 'P', mail: `p${++n}@mox.example`, org: w.MOX, contact_role: 'none', roles: ['reader'] }, checked: false }),
  'a key': () => site.desk.call('POST', '/api/keys', { json: { name: `k${++n}`, access: 'read' }, checked: false }),
  'a group': () => me().call('POST', '/api/groups', { json: { name_en: `Group ${++n}`, kind: 'sector', members: [w.MOX] }, checked: false }),
  'a feed file': () => me().call('POST', `/api/feeds/shadowserver/files?wait=true&name=2026-11-02-scan_widget-n${++n}.csv`, { body: report([[`198.18.4.${n % 250}`]]), checked: false }),
  'a file': () => me().call('POST', `/api/files?kind=organisation&id=${w.MOX}&name=n${++n}.txt`, { body: `text ${n}`, checked: false }),
};

for (const [what, write] of Object.entries(WRITES)) {
  for (const [kind, number] of Object.entries(KINDS)) {
    test(`${what}: the n-th ${kind} fails`, { timeout: 600e3 }, async () => {
      let nth = 1;
      for (; nth <= MOST; nth++) {
        arm(number, nth);
        const a = await write().catch((e) => ({ status: 0, text: String(e) }));
        const hit = fired();
        arm(0, 0);
        count.tried++;
        if (!hit) break;
        count.failed++;
        count[a.status === 0 ? 'cut' : a.status < 300 ? 'done' : 'refused']++;
        if (a.status >= 400) assert.ok((a.json?.detail ?? a.json?.title ?? '').length > 10, `refused without words: ${a.status} ${a.text}`);
        await back(`${what}, ${kind} ${nth}`);
      }
      assert.ok(nth > 1 || kind === 'open', `no ${kind} was seen`);
    });
  }
}

test('what was answered is there, and the ledger is proved', async () => {
  const there = new Map((await site.desk.all('/api/organisations')).map((o) => [o.id, o.name.en]));
  for (const [id, name] of kept) assert.equal(there.get(id), name, 'an answered write is lost');
  await site.stop();
  const r = await site.cli(['verify', '--json']);
  assert.equal(r.code, 0, r.err);
  console.log(`# ${count.tried} writes, ${count.failed} with a call that failed: ${count.done} done all the same, ${count.refused} refused in words, ${count.cut} cut off; the program stopped ${count.stopped} times and came back; ${kept.size} organisations kept`);
});
