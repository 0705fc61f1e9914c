// Walk: a copy that follows on a second machine. The first one is killed under load; the second takes over,
// proves the ledger, says how long it took and what may be lost; the writes that were answered and are not there
// are counted and held against that bound. While the first one lives a take-over is refused; when it comes back
// it meets the higher number and refuses; who is forced out stops answering; what is not whole, older or
// another's is not taken.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MINAR, ON_PG, sleep } from './harness.mjs';
import { Site, freePort, poll, run, sharedPostgres } from './site.mjs';

const EVERY_S = 2;
let site, desk, outside, copy, second, key, elsewhere;
const at = (...p) => path.join(outside, ...p);
const children = new Set();

/** A command that goes on; .err grows, .end is how it ended. */
function begin(...args) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', MINAR, ...args], { env: { ...process.env, LC_ALL: 'C.UTF-8' }, stdio: ['ignore', 'ignore', 'pipe'] });
  child.err = '';
  child.stderr.setEncoding('utf8').on('data', (d) => { child.err += d; });
  child.end = new Promise((resolve) => { child.on('close', (code, signal) => { children.delete(child); resolve(code ?? signal); }); });
  children.add(child);
  return child;
}
const copier = () => begin('backup', copy, '--every', String(EVERY_S), '--data', site.dir);
const standby = () => begin('standby', copy, '--to', second, '--key', key, ...beside());
const takeover = (...args) => run(MINAR, ['takeover', copy, '--to', second, '--key', key, '--json', '--data', at('nowhere'), ...beside(), ...args]);

/** The second machine's settings: a port of its own, and on PostgreSQL a database of its own. */
function beside() {
  const store = elsewhere ? `store:\n  url: ${JSON.stringify(elsewhere.url)}\n` : '';
  writeFileSync(at('settings.yaml'), `listen: "127.0.0.1:${site.port2}"\noutbox:\n  hold_s: 0\n${store}`);
  return ['--settings', at('settings.yaml')];
}
const state = async () => (await desk.get('/api/backups')).copy;
const made = () => poll('a copy', async () => (await state())?.made && state(), 90000);
const line = async () => JSON.parse((await site.cli(['doctor', '--json'])).out).checks.find((c) => c.name === 'copy');

before(async () => {
  outside = mkdtempSync(path.join(tmpdir(), 'minar-second-'));
  [copy, second, key] = [at('copy'), at('data'), at('backup.key')];
  if (ON_PG) elsewhere = (await sharedPostgres()).database();
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  site.port2 = await freePort();
  ({ desk } = site);
});
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  elsewhere?.drop();
  await site.close();
  rmSync(outside, { recursive: true, force: true });
});

test('what is asked wrongly is told', async () => {
  for (const args of [['backup', copy, '--every', '0'], ['backup', copy, '--every', 'x'], ['standby', copy], ['takeover', copy], ['takeover', copy, '--to', second, '--release', 'all']])
    assert.equal((await site.cli(args)).code, 2, args.join(' '));
  assert.ok(!existsSync(copy));
  assert.equal(await line(), undefined, 'nobody copies: nothing to say');
});

let first;
test('copies follow each other; the second machine stands by; state and lag are told', async () => {
  const entries = (await desk.get('/api/ledger?limit=1')).items.length;
  assert.ok(entries);
  first = copier();
  const s = await made();
  assert.equal(s.every_s, EVERY_S);
  assert.equal(s.epoch, 1);
  assert.equal((await line()).state, 'warn', 'nobody stands by yet');
  copyFileSync(path.join(site.dir, 'keys/backup.key'), key);
  standby();
  await poll('the second machine is heard', async () => (await state()).standby_made, 60000);
  assert.equal((await line()).state, 'ok', JSON.stringify(await line()));
  const figures = (await desk.call('GET', '/metrics')).text;
  assert.match(figures, /^minar_copy_age_seconds \d/m);
  assert.match(figures, /^minar_copy_late 0$/m);
  assert.match(figures, /^minar_standby_heard_time_seconds 1\d{9}/m);
  const types = (await desk.get('/api/ledger?limit=100')).items.map((e) => e.type);
  assert.equal(types.filter((t) => t === 'backup.streamed').length, 1, 'told once, not with each copy');
  assert.equal(types.filter((t) => t === 'backup.begun').length, 0);
});

test('a night\'s backup goes before a copy that is under way', async () => {
  const r = await site.cli(['backup', at('night')]);
  assert.equal(r.code, 0, r.err);
  const was = (await state()).made;
  await poll('copies go on', async () => (await state()).made > was, 90000);
});

test('while the first one lives a take-over is refused, and changes nothing', async () => {
  const r = await takeover();
  assert.equal(r.code, 7, `${r.err} ${first.err} ${first.exitCode} ${first.signalCode} ${JSON.stringify(await state())}`);
  assert.ok(!existsSync(second));
  assert.equal((await desk.call('GET', '/api/backups')).status, 200);
  assert.equal((await state()).epoch, 1);
});

/** Is what the second machine keeps of the newest copy? */
function ready() {
  try {
    const newest = readdirSync(path.join(copy, 'manifests')).filter((n) => !n.startsWith('.')).sort().at(-1);
    return JSON.parse(readFileSync(path.join(`${second}.warm`, 'realm/restored.json'), 'utf8')).backup === newest;
  } catch { return false; } // it is being changed for the next one
}

let answered, killedAt, told;
test('killed under load: the second machine takes over, and what is lost is within what it says', async () => {
  answered = [];
  let going = true;
  const writers = [0, 1, 2, 3].map(async (n) => {
    for (let i = 0; going; i++) {
      try {
        const a = await desk.call('POST', '/api/organisations', { json: { key: `LOAD${n}X${i}`, name_en: `Body ${n} ${i}`, kind: 'other' }, checked: false });
        if (a.status === 201) answered.push({ key: `LOAD${n}X${i}`, at: Date.now() });
      } catch { return; }
    }
  });
  await sleep(3 * EVERY_S * 1000 + 700);
  const { pid } = site.server.child;
  killedAt = Date.now();
  const family = (await run('ps', ['-o', 'pid=', '--ppid', String(pid)])).out.trim().split(/\s+/).filter(Boolean);
  first.kill('SIGKILL');
  for (const p of [pid, ...family]) try { process.kill(Number(p), 'SIGKILL'); } catch { /* it went with its parent */ }
  going = false;
  await Promise.all(writers);
  assert.ok(answered.length > 10, `${answered.length}`);
  if (!ON_PG) await poll('the second machine has made the last copy ready', ready, 60000);
  const r = await takeover();
  assert.equal(r.code, 0, r.err);
  told = r.json;
  assert.equal(told.epoch, 2);
  assert.equal(told.warm, !ON_PG);
  assert.ok(told.entries > 0 && /^[0-9a-f]{64}$/.test(told.root));
});

test('the second machine answers; answered writes that are lost came after the moment it said', async () => {
  const dir = site.dir;
  site.first = dir;
  site.dir = second;
  site.sock = path.join(second, 'minar.sock');
  site.server = undefined;
  await site.start();
  const there = new Set((await desk.all('/api/organisations')).map((o) => o.key));
  const lost = answered.filter((a) => !there.has(a.key));
  const moment = Date.parse(told.made);
  for (const a of lost) assert.ok(a.at >= moment, `${a.key} was answered ${moment - a.at} ms before the copy's moment`);
  const worst = lost.length ? killedAt - Math.min(...lost.map((a) => a.at)) : 0;
  console.log(`# answered ${answered.length}, lost ${lost.length}, the oldest ${worst} ms before the end; said at most ${told.lost_s} s; taken over in ${told.took_ms} ms`);
  assert.ok(worst <= (EVERY_S + 10) * 1000, `${worst} ms`);
  assert.equal((await site.cli(['verify'])).code, 0);
  const entries = (await desk.get('/api/ledger?limit=50')).items.map((e) => e.type);
  for (const t of ['backup.taken_over', 'backup.released']) assert.ok(entries.includes(t), t);
  await desk.post('/api/organisations', { key: 'AFTER', name_en: 'After', kind: 'other' });
});

test('the first one comes back: it meets the number, refuses, and stays refused', async () => {
  for (let i = 0; i < 2; i++) {
    const r = await run(MINAR, ['serve', '--data', site.first], { ms: 20000 });
    assert.equal(r.code, 3, r.err);
    assert.match(r.err, /taken over/);
    assert.ok(existsSync(path.join(site.first, 'realm/fenced.json')));
  }
  for (const args of [['org', 'ls'], ['verify'], ['backup', at('old')]])
    assert.equal((await run(MINAR, [...args, '--data', site.first])).code, 3, args.join(' '));
  const again = await run(MINAR, ['backup', copy, '--every', '2', '--data', site.first], { ms: 20000 });
  assert.equal(again.code, 3, again.err);
});

test('a machine that does not know whether it was taken over from does not start, unless told to', async () => {
  rmSync(path.join(site.first, 'realm/fenced.json'));
  renameSync(copy, at('unmounted'));
  const r = await run(MINAR, ['serve', '--data', site.first], { ms: 20000 });
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /copy\.alone/);
  renameSync(at('unmounted'), copy);
});

test('forced out while it lives, a machine stops answering by itself', async () => {
  const before_ = second;
  copy = at('copy2');
  first = copier();
  await made();
  second = at('third');
  if (ON_PG) elsewhere = (await sharedPostgres()).database();
  site.port2 = await freePort();
  assert.equal((await takeover()).code, 7);
  const r = await takeover('--force');
  assert.equal(r.code, 0, r.err);
  assert.equal(r.json.epoch, 3);
  assert.equal(await first.end, 3);
  await poll('the one before answers no more', async () => {
    try { await desk.call('GET', '/api/backups', { checked: false }); return false; } catch { return true; }
  }, 10000);
  site.server = undefined;
  assert.ok(existsSync(path.join(before_, 'realm/fenced.json')));
});

test('another installation\'s folder is not written into; a copy that was altered is not taken', async () => {
  const other = await Site.open({ serve: false });
  try {
    copyFileSync(key, path.join(other.dir, 'keys/backup.key'));
    const r = await run(MINAR, ['backup', copy, '--every', '2', '--data', other.dir], { ms: 20000 });
    assert.equal(r.code, 3, r.err);
    assert.ok(!existsSync(path.join(other.dir, 'realm/fenced.json')), 'it was never the first one there');
  } finally {
    await other.close();
  }
  const names = readdirSync(path.join(copy, 'manifests')).sort();
  const newest = path.join(copy, 'manifests', names.at(-1));
  const bytes = readFileSync(newest);
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  writeFileSync(newest, bytes);
  second = at('fourth');
  if (ON_PG) elsewhere = (await sharedPostgres()).database();
  const r = await takeover();
  assert.equal(r.code, 6, r.err);
  assert.ok(!existsSync(second));
});
