// Walk: a new master key. What it wraps (keys of people, of files, of channels, in every realm) is wrapped anew and read
// as before; nothing is left under the one of before, which is gone; killed at any of its calls, the folder opens, and
// the same command goes on to the end; backups of before restore; keys that are put back are refused.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MINAR, ON_PG } from './harness.mjs';
import { startReceiver } from './receiver.mjs';
import { Site, poll, run } from './site.mjs';
import { populate } from './world.mjs';

const FILES = 5, SEALED_BYTES = 72;
let site, desk, w, soc, outside, backups, hook, seen, cursor, old;
const at = (...p) => path.join(outside, ...p);
const keyFile = () => path.join(site.dir, 'keys/master.key');
const cli = (...args) => site.cli([...args, '--json']);
const strace = existsSync('/usr/bin/strace') ? undefined : 'no strace';

before(async () => {
  outside = mkdtempSync(path.join(tmpdir(), 'minar-outside-'));
  backups = at('backups');
  soc = await startReceiver();
  site = await Site.open({ conf: { outbox: { hold_s: 0 }, courier: { networks: '127.0.0.0/8' }, channel: { http: true } } });
  ({ desk } = site);
  w = await populate(site);
  await w.give([['198.18.4.10'], ['198.18.4.11'], ['198.18.64.20']]);
  const [finding] = await poll('findings', async () => { const { items } = await w.mox.get('/api/findings'); return items.length >= 2 && items; });
  w.files = [];
  for (let i = 0; i < FILES; i++) {
    const a = await w.mox.call('POST', `/api/files?kind=finding&id=${finding.id}&name=kept${i}.bin`, { body: Buffer.from(`bytes of ${i} `.repeat(1000)) });
    assert.equal(a.status, 201, a.text);
    w.files.push(a.json.id);
  }
  w.admin = await site.person(w.MOX, 'admin@mox.example', { roles: ['org_admin'], lang: 'en', contact_role: 'none' });
  hook = (await w.admin.post(`/api/organisations/${w.MOX}/channels`, { kind: 'webhook', url: `${soc.url}/hooks/secret` })).id;
  await desk.post('/api/realms', { name: 'demo', kind: 'demo' });
  cursor = (await w.mox.get('/api/findings?limit=1')).next;
  assert.ok(cursor);
  seen = await sight();
  assert.equal(JSON.stringify(seen).includes('Bilal Raza'), true);
});
after(async () => {
  await site?.close();
  await soc?.stop();
  rmSync(outside, { recursive: true, force: true });
});

/** What each viewer gets of what is sealed. */
async function sight() {
  const of = {};
  for (const [name, who] of Object.entries({ desk, mox: w.mox, bnk: w.bnk, there: site.client({ realm: 'demo' }) })) {
    of[name] = {};
    for (const list of ['people', 'organisations']) {
      const a = await who.call('GET', `/api/${list}?limit=200`);
      of[name][list] = a.status === 200 ? a.json.items.map(({ seen: _seen, used: _used, ...rest }) => rest) : a.status;
    }
  }
  of.files = [];
  for (const id of w.files) {
    const a = await w.mox.call('GET', `/api/files/${id}/original`); // within an archive that differs each time
    of.files.push([(await w.mox.get(`/api/files/${id}`)).name, a.status, a.text.length > 1000]);
  }
  return of;
}

/** A server on it answers as before: what is sealed, who signs in, where a page went on, what a channel signs. */
async function readAsBefore(what) {
  assert.deepEqual(await sight(), seen, what);
  const a = await site.anyone().call('POST', '/api/session', { json: { mail: w.bnk.mail, password: w.bnk.password } });
  assert.equal(a.status, 200, `${what}: a person is found by mail: ${a.text}`);
  assert.ok((await w.mox.get(`/api/findings?limit=1&cursor=${encodeURIComponent(cursor)}`)).items.length, what);
  soc.requests.length = 0;
  await w.admin.ok('POST', `/api/channels/${hook}/test`);
  await poll('the webhook has its message', () => soc.requests.find((q) => q.path === '/hooks/secret' && q.headers['webhook-signature']));
}

const DUMP = `
import sqlite3, sys
db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
for (t,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").fetchall():
    for c in db.execute(f"PRAGMA table_info({t})").fetchall():
        for (v,) in db.execute(f'SELECT hex("{c[1]}") FROM {t} WHERE typeof("{c[1]}") = \\'blob\\' AND length("{c[1]}") = ${SEALED_BYTES}'):
            print(t + "." + c[1], v.lower())
`;
/** Every value of all tables that is as long as a wrapped key: [["live person_key.wrapped", hex]]. */
function wrapped() {
  const found = [];
  for (const realm of ['live', 'demo']) {
    if (!ON_PG) {
      const out = execFileSync('python3', ['-c', DUMP, path.join(site.dir, `realm/${realm}/records.db`)], { encoding: 'utf8' });
      found.push(...out.trim().split('\n').filter(Boolean).map((l) => { const [of, hex] = l.split(' '); return [`${realm} ${of}`, hex]; }));
      continue;
    }
    const columns = site.database.query(`SELECT table_name || ' ' || column_name FROM information_schema.columns WHERE table_schema = 'minar_${realm}' AND data_type = 'bytea'`).trim().split('\n');
    const all = columns.map((l) => l.trim().split(' ')).map(([t, c]) => `SELECT '${t}.${c} ' || encode("${c}", 'hex') FROM minar_${realm}.${t} WHERE octet_length("${c}") = ${SEALED_BYTES}`);
    found.push(...site.database.query(all.join(' UNION ALL ')).trim().split('\n').filter(Boolean).map((l) => { const [of, hex] = l.trim().split(' '); return [`${realm} ${of}`, hex]; }));
  }
  return found;
}
const oldLines = () => (readFileSync(keyFile()).length === 32 ? [] : readFileSync(keyFile(), 'latin1').split('\n').filter((l) => l.startsWith('old ')));
const masterOf = (bytes) => (bytes.length === 32 ? bytes.toString('hex') : /^master ([0-9a-f]{64})$/m.exec(bytes.toString('latin1'))[1]);
const files = (dir) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((d) => d.isFile()).map((d) => path.join(d.parentPath ?? d.path, d.name));
/** The key is in no file of the folder, as bytes or as text. */
function isGone(hex) {
  for (const f of files(site.dir)) {
    const bytes = readFileSync(f);
    assert.ok(!bytes.includes(Buffer.from(hex, 'hex')) && !bytes.includes(hex), f);
  }
}
async function doctorSays(name) { return (await cli('doctor')).json.checks.find((c) => c.name === name); }

test('it is refused while the server runs, and asked what it would do it changes nothing', async () => {
  old = readFileSync(keyFile());
  assert.equal(old.length, 32);
  const busy = await site.cli(['keys', 'renew']);
  assert.equal(busy.code, 75, busy.err);
  assert.match(busy.err, /stop the server first/);
  assert.equal((await site.cli(['keys', 'renew', 'now'])).code, 2);
  assert.equal((await site.cli(['keys', 'renew', '--fast'])).code, 2);
  assert.equal((await cli('backup', backups)).code, 0);
  await site.stop();
  const dry = await cli('keys', 'renew', '--dry-run');
  assert.equal(dry.code, 0, dry.err);
  assert.deepEqual([dry.json.done, dry.json.keys], [false, wrapped().length]);
  assert.deepEqual(readFileSync(keyFile()), old);
});

test('everything is wrapped anew and read as before; the key of before is gone', async () => {
  const was = wrapped();
  const columns = new Set(was.map(([of]) => of));
  for (const of of ['live person_key.wrapped', 'live file_key.wrapped', 'live channel.wrapped', 'demo person_key.wrapped']) assert.ok(columns.has(of), of);
  const r = await cli('keys', 'renew');
  assert.equal(r.code, 0, r.err);
  assert.deepEqual({ ...r.json, took_ms: 0 }, { done: true, goes_on: false, keys: was.length, wrapped_anew: was.length, took_ms: 0 });
  const now = wrapped(), before_ = new Set(was.map(([, hex]) => hex));
  assert.deepEqual(now.map(([of]) => of).sort(), was.map(([of]) => of).sort());
  assert.deepEqual(now.filter(([, hex]) => before_.has(hex)), [], 'nothing stands there as it was');
  for (const f of ON_PG ? [] : files(path.join(site.dir, 'realm')).filter((x) => path.basename(x).startsWith('records.db'))) {
    const bytes = readFileSync(f);
    for (const hex of before_) assert.ok(!bytes.includes(Buffer.from(hex, 'hex')), `nor in free space of ${f}`);
  }
  assert.notEqual(masterOf(readFileSync(keyFile())), masterOf(old));
  assert.deepEqual(oldLines(), []);
  isGone(masterOf(old));
  await site.start();
  await readAsBefore('with the new key');
  const entries = (await desk.get('/api/ledger?limit=50')).items.filter((e) => e.type.startsWith('key.ren'));
  assert.deepEqual(entries.map((e) => e.type), ['key.renewed', 'key.renewal_begun']);
  assert.equal((await cli('verify')).code, 0);
  assert.equal(await doctorSays('renewal'), undefined);
  assert.equal((await cli('keys', 'ls')).json.renewing, false);
  await site.person(w.BNK, 'new@bnk.example', { name: 'After the change' });
  seen = await sight();
});

test('keys that are put back, or another folder\'s, are refused before anything is answered', async () => {
  await site.stop();
  const good = readFileSync(keyFile());
  for (const [what, bytes] of [['put back', old], ['another one', Buffer.alloc(32, 7)]]) {
    writeFileSync(keyFile(), bytes, { mode: 0o600 });
    const serve = await run(MINAR, ['serve', '--data', site.dir], { ms: 20000 });
    assert.equal(serve.code, 3, `${what}: ${serve.err}`);
    assert.match(serve.err, /master_key_other|another master key/, what);
    for (const words of [['keys', 'renew'], ['init']]) {
      const r = await site.cli(words);
      assert.equal(r.code, 3, `${what} ${words}: ${r.err}`);
      assert.match(r.err, /another master key/, what);
    }
    assert.equal((await doctorSays('keys')).state, 'bad');
    assert.deepEqual(readFileSync(keyFile()), bytes, 'and stay as they are');
  }
  for (const bad of [Buffer.from('minar master key, form 2\nmaster 00\n'), Buffer.alloc(31), Buffer.from(good.toString('latin1').replace('mailhash', 'mailhush'))]) {
    writeFileSync(keyFile(), bad, { mode: 0o600 });
    assert.equal((await site.cli(['init'])).code, 3);
  }
  writeFileSync(keyFile(), good, { mode: 0o600 });
  await site.start();
  await readAsBefore('with the right key');
});

/** Is killed before the n-th of these calls of one of its threads; the exit code, or SIGKILL. */
async function killedAt(call, n) {
  const r = await run('/usr/bin/strace', ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${n}`, MINAR, 'keys', 'renew', '--json', '--data', site.dir]);
  return r.code;
}

test('killed at any of its calls, it opens with what there is, and goes on to the end', { skip: strace }, async () => {
  await site.stop();
  const was = new Set();
  let killed = 0, halves = 0, looked = false;
  const calls = ON_PG ? ['rename', 'fsync', 'sendto'] : ['rename', 'fsync', 'fdatasync', 'pwrite64'];
  for (const call of calls)
    for (let n = 1, step = 1; n <= 40; n += step, step = n > 8 ? 5 : 1) {
      was.add(masterOf(readFileSync(keyFile())));
      const code = await killedAt(call, n);
      if (code === 0) break;
      assert.notEqual(code, 70, `${call} ${n}`);
      killed++;
      const half = oldLines().length > 0;
      halves += half;
      if (half && !looked) {
        looked = true;
        assert.equal((await doctorSays('renewal')).state, 'warn');
        assert.equal((await cli('keys', 'ls')).json.renewing, true);
        await site.start();
        await readAsBefore('with both keys');
        const r = await desk.post('/api/organisations', { key: 'HALF', name_en: 'Made in between', kind: 'other' });
        await site.person(r.id, 'half@half.example', { name: 'In between' });
        seen = await sight();
        await site.stop();
      }
      const r = await cli('keys', 'renew');
      assert.equal(r.code, 0, `${call} ${n}: ${r.err}`);
      assert.deepEqual([r.json.done, r.json.goes_on], [true, half], `${call} ${n}`);
      assert.deepEqual(oldLines(), []);
    }
  assert.ok(killed >= 10 && halves >= 3 && looked, `${killed} killed, ${halves} in between`);
  for (const hex of was) isGone(hex);
  await site.start();
  await readAsBefore('after all of them');
  assert.equal((await cli('verify')).code, 0);
});

/** Settings under which another installation stands in the same database. */
function beside(schema) {
  if (!ON_PG) return [];
  writeFileSync(at('settings.yaml'), `listen: "127.0.0.1:${site.port}"\nstore:\n  url: ${JSON.stringify(site.database.url)}\n  schema: ${schema}\n`);
  return ['--settings', at('settings.yaml')];
}

test('backups of before restore, also after a newer one of the same folder, and take the newest key', async () => {
  const names = () => readdirSync(path.join(backups, 'manifests')).sort();
  const [oldest] = names();
  const drilled = await cli('restore', backups, '--test', '--at', oldest);
  assert.equal(drilled.code, 0, drilled.err);
  const made = await cli('backup', backups);
  assert.equal(made.code, 0, made.err);
  const again = await cli('restore', backups, '--test', '--at', oldest);
  assert.equal(again.code, 0, again.err);
  assert.ok(again.json.good && again.json.people >= 4, again.out);
  for (const [name, anew] of [[oldest, true], [names().at(-1), false]]) {
    const to = at(anew ? 'before' : 'newest');
    const r = await site.cli(['restore', backups, '--at', name, '--to', to, ...beside(`minar_${anew ? 'before' : 'newest'}`)]);
    assert.equal(r.code, 0, r.err);
    assert.equal(/A new master key is in use/.test(r.err), anew, r.err);
    assert.equal(masterOf(readFileSync(path.join(to, 'keys/master.key'))), masterOf(readFileSync(keyFile())));
    assert.ok(!readFileSync(path.join(to, 'keys/master.key'), 'latin1').includes('old '));
    const all = await run(MINAR, ['keys', 'renew', '--json', '--data', to]);
    assert.equal(all.code, 0, `every key opens there: ${all.err}`);
    assert.equal(all.json.wrapped_anew, all.json.keys);
  }
});
