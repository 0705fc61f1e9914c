// power.mjs - power cuts, simulated: the whole program under load with its writes written down (power_log.c),
// then thousands of disks as they may look had the power gone in between (power.c): what was answered is
// there, records and ledger say the same, the ledger is proved, history holds each batch once and whole.
// Every hundredth is recovered with its writes written down, and the power goes again within them.
// MINAR=build/minar node test/fault/power.mjs [CUTS] [SECONDS] [HISTORIES] [SEED]      (SQLite and DuckDB; HISTORIES:
//   at how many of the cuts the history is opened and looked at, a tenth of them when it is not said)
// MINAR=build/minar node test/fault/power.mjs --killed [CUTS] [SECONDS]     kill -9 instead, between two calls on the history
// MINAR=build-faults/minar node test/fault/power.mjs --faults [CUTS]        seeded faults must be found
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, openSync, rmSync, writeSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { BUILD, sleep } from '../api/harness.mjs';
import { Client, Site, run } from '../api/site.mjs';
import { populate } from '../api/world.mjs';

const FAULTS = process.argv.includes('--faults'), KILLED = process.argv.includes('--killed');
const [CUTS = 500, SECONDS = 6, HISTORIES = Math.ceil(CUTS / (KILLED ? 1 : 10)), SEED = Date.now()] = process.argv.slice(2).filter((a) => !a.startsWith('--')).map(Number);
const MADE = 0x5057524d, TOLD = 7, WRITERS = 16;
let site, tmp, log;
after(() => site?.close());

/** Writes down that somebody was answered: what was written before is durable now, or should be. */
function teller() {
  const fd = openSync(log, 'a');
  return (what, text) => {
    const head = Buffer.alloc(32), name = Buffer.from(what), data = Buffer.from(text);
    head.writeUInt32LE(MADE, 0);
    head.writeUInt32LE(TOLD, 4);
    head.writeUInt32LE(name.length, 8);
    head.writeBigUInt64LE(BigInt(data.length), 24);
    writeSync(fd, Buffer.concat([head, name, data]));
  };
}

let n = 0, told = 0;
async function writer(key, tell, until) {
  const me = new Client(site, { key });
  while (Date.now() < until) {
    const a = await me.call('POST', '/api/organisations', { json: { key: `K${++n}`, name_en: `Body ${n}`, kind: 'bank' }, checked: false });
    if (a.status === 429) { await sleep(20); continue; } // too often: not answered for
    assert.equal(a.status, 201, a.text);
    tell('organisation', `${a.json.id}\t1`);
    const b = await me.call('PATCH', `/api/organisations/${a.json.id}`, { json: { name_en: `Body ${n} again` }, ifMatch: '"v1"', checked: false });
    told++;
    if (b.status === 429) { await sleep(20); continue; }
    assert.equal(b.status, 200, b.text);
    tell('organisation', `${a.json.id}\t2`);
    told++;
  }
}

async function feeder(key, until) {
  const me = new Client(site, { key });
  for (let file = 0; Date.now() < until; file++, await sleep(50)) {
    const rows = Array.from({ length: 3000 }, (_, i) => `2026-11-20 10:00:00,${i % 50 ? 'low' : 'high'},198.18.4.${i & 255},tcp,${1000 + file},,64500,PK,widget-${i}`);
    await me.call('POST', `/api/feeds/shadowserver/files?name=2026-11-01-scan_widget-p${file}.csv`, { body: `timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n${rows.join('\n')}\n`, checked: false });
  }
}

/** The server with power_log.c loaded before it. */
async function started(more) {
  const env = { ...more, LD_PRELOAD: path.join(BUILD, 'test/fault/libpower_log.so'), MINAR_POWER_LOG: log, MINAR_POWER_ROOT: site.dir };
  Object.assign(process.env, env);
  try {
    await site.start();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

/** A site under load with this fault on, its writes written down; then the cuts. Gives what power.c said. */
async function cuts(times, fault, env = {}) {
  tmp = mkdtempSync('/dev/shm/minar-power-');
  log = path.join(tmp, 'log');
  n = told = 0;
  site = await Site.open({ parent: '/dev/shm', conf: { outbox: { hold_s: 1 } } });
  await populate(site, { people: false });
  const { secret } = await site.desk.post('/api/keys', { name: 'load', access: 'write' });
  await site.stop();
  const base = path.join(tmp, 'base');
  cpSync(site.dir, base, { recursive: true, filter: (f) => !statSync(f).isSocket() });
  await started(env);
  if (fault) await site.desk.ok('PUT', '/api/door/fault', { json: { name: fault, on: true }, checked: false });
  const until = Date.now() + 1000 * SECONDS, tell = teller();
  await Promise.all([feeder(secret, until), ...Array.from({ length: WRITERS }, () => writer(secret, tell, until))]);
  await site.close();
  site = undefined;
  assert.ok(told > 100, `${told} answers`);
  const r = await run(path.join(BUILD, 'test/fault/power'), [base, log, String(times), String(HISTORIES), String(SEED), path.join(tmp, 'cut')], { ms: 3600e3, env: { POWER_PRELOAD: path.join(BUILD, 'test/fault/libpower_log.so'), ...(KILLED ? { POWER_KILLED: '1' } : {}) } });
  if (!process.env.MINAR_KEEP) rmSync(tmp, { recursive: true, force: true });
  return r;
}

if (!FAULTS) {
  test(`${CUTS} ${KILLED ? 'kills' : 'power cuts'} (seed ${SEED})`, { timeout: 3600e3 }, async () => {
    const r = await cuts(CUTS);
    console.log(`# ${r.out}`);
    assert.equal(r.code, 0, r.err);
  });
}

const SYNCED = { MINAR_SYNCED: '1' };
const SEEDED = FAULTS ? [['', SYNCED, null], ['', {}, /an answered write is lost/], ['answered_early', SYNCED, /an answered write is lost/], ['ledger_apart', SYNCED, /ledger/]] : [];
for (const [fault, env, words] of SEEDED) {
  test(`${fault || (words ? 'nothing is synced' : 'no fault')}: ${words ? 'found' : 'nothing found'} within ${CUTS} cuts`, { timeout: 3600e3 }, async () => {
    const r = await cuts(CUTS, fault, env);
    console.log(`# ${r.out || r.err}`);
    assert.equal(r.code, words ? 1 : 0, r.err);
    if (words) assert.match(r.err, words);
  });
}
