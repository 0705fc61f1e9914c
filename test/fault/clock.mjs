// clock.mjs - somebody sets the machine's clock: an hour and a day ahead, back again, further back, while writers write,
// a stream is open and files come in. What is answered stays, notices leave, nobody is signed out by an hour, the program
// starts with a clock that is behind its records, and the ledger is proved.
// MINAR=build/minar node test/fault/clock.mjs           (MINAR_STORE=pg: on PostgreSQL, whose own clock stays)
import assert from 'node:assert/strict';
import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { BUILD, sleep } from '../api/harness.mjs';
import { Client, Site, poll } from '../api/site.mjs';
import { mailConf, startMailbox } from '../api/smtp.mjs';
import { populate } from '../api/world.mjs';
import { noticed } from './load.mjs';

const HOUR = 3600, DAY = 24 * HOUR;
const JUMPS = [['an hour ahead', HOUR], ['back where it was', 0], ['a day ahead', DAY], ['an hour back from there', DAY - HOUR], ['back where it was again', 0], ['a day behind', -DAY], ['ahead of everything, twenty days', 20 * DAY], ['and home', 0]];
const dir = mkdtempSync('/tmp/minar-clock-'), control = path.join(dir, 'shift');
writeFileSync(control, Buffer.alloc(8));
const fd = openSync(control, 'r+');
const kept = new Map();
let site, box, w, key, person, n = 0, shift = 0;

function jump(seconds) {
  const b = Buffer.alloc(8);
  b.writeBigInt64LE(BigInt(seconds) * 1000000n);
  writeSync(fd, b, 0, 8, 0);
  shift = seconds;
}
async function started() {
  const env = { LD_PRELOAD: path.join(BUILD, 'test/fault/libclock_jump.so'), MINAR_CLOCK: control };
  Object.assign(process.env, env);
  try { await site.start(); } finally { for (const name of Object.keys(env)) delete process.env[name]; }
}

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { outbox: { hold_s: 0 }, mail: mailConf(box), http: { max_connections_per_ip: 4000 } } });
  w = await populate(site);
  key = (await site.desk.post('/api/keys', { name: 'load', access: 'write' })).secret;
  person = w.bnk;
  await site.stop();
  await started();
});
after(async () => {
  await site?.close();
  await box?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const me = () => new Client(site, { key });
const make = async () => {
  const name = `Body ${++n}`, a = await me().call('POST', '/api/organisations', { json: { key: `C${n}`, name_en: name, kind: 'bank' }, checked: false });
  assert.equal(a.status, 201, `${name}: ${a.status} ${a.text}`);
  kept.set(a.json.id, name);
};

/** What the machine does by itself goes on: somebody is told of what is late by the clock as it is now. */
async function goesOn(what) {
  const due = new Date(Date.now() + shift * 1000 + 1500).toISOString();
  const { id } = (await me().call('POST', '/api/actions', { json: { about: 'organisation', subject: w.BNK, title: `After ${what}`, due }, checked: false })).json;
  await poll(`${what}: the keeper's turn`, async () => (await me().all('/api/ledger')).some((e) => e.type === 'action.late' && e.subject === id), 20000);
}

for (const [what, seconds] of JUMPS) {
  test(`the clock jumps: ${what}`, { timeout: 120e3 }, async () => {
    let more = true;
    const writers = Array.from({ length: 4 }, async () => { while (more) await make(); });
    await sleep(400);
    jump(seconds);
    await sleep(1200);
    more = false;
    await Promise.all(writers);
    const told = Date.parse((await me().call('GET', '/api/session', { checked: false })).json.realm.now);
    assert.ok(Math.abs(told - Date.now() - seconds * 1000) < 60e3, `the program's clock did not move: ${told}`);
    await noticed(what, { box, me: me(), n: ++n, ahead_s: shift });
    await goesOn(what);
    if (Math.abs(seconds) <= HOUR) assert.equal((await person.call('GET', '/api/session', { checked: false })).status, 200, 'an hour signs nobody out');
  });
}

test('started anew with a clock behind its records: all is there, the ledger is proved', { timeout: 120e3 }, async () => {
  jump(-2 * DAY);
  await site.stop();
  await started();
  await make();
  const there = new Map((await me().all('/api/organisations')).map((o) => [o.id, o.name.en]));
  for (const [id, name] of kept) assert.equal(there.get(id), name, 'an answered write is lost');
  await site.stop();
  const r = await site.cli(['verify', '--json']);
  assert.equal(r.code, 0, r.err);
  console.log(`${kept.size} writes answered over ${JUMPS.length} jumps, none lost`);
});
