// Walk: backup and restore. The key split for custodians; a backup while people and feeds write; a second one
// that copies only what changed; a drill; what is damaged, swapped, put back or opened with another key is
// found; cut off with kill -9 nothing half looks whole; the machine is lost, two cards bring it back, every
// viewer sees what was seen before, and nothing leaves until somebody says so; who was erased stays erased.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MINAR, ON_PG, sleep } from './harness.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { Site, poll, refused, run } from './site.mjs';
import { populate } from './world.mjs';

let box, site, desk, w, outside, backups, cards, seen, dirOfSite;
const at = (...p) => path.join(outside, ...p);

before(async () => {
  outside = mkdtempSync(path.join(tmpdir(), 'minar-outside-'));
  backups = at('backups');
  cards = [at('aisha.card'), at('bilal.card'), at('chand.card')];
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 0 }, ledger: { checkpoint_s: 60 } } });
  dirOfSite = site.dir;
  ({ desk } = site);
  w = await populate(site);
  await w.give([['198.18.4.10'], ['198.18.4.11'], ['198.18.64.20']]);
  await poll('a notice that left', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  const [finding] = (await w.mox.get('/api/findings')).items;
  for (const name of ['kept.bin', 'gone.bin']) {
    const a = await w.mox.call('POST', `/api/files?kind=finding&id=${finding.id}&name=${name}`, { body: Buffer.from(`bytes of ${name} `.repeat(1000)) });
    assert.equal(a.status, 201, a.text);
    w[name] = a.json.id;
  }
});
after(async () => {
  await site.close();
  await box.stop();
  rmSync(outside, { recursive: true, force: true });
});

const cli = (...args) => site.cli([...args, '--json']);
async function made(...args) {
  const r = await cli('backup', backups, ...args);
  assert.equal(r.code, 0, r.err);
  return r.json;
}
async function drill(...args) {
  const r = await cli('restore', backups, '--test', ...args);
  return { code: r.code, out: r.out, err: r.err, said: r.out.trim() ? JSON.parse(r.out) : undefined };
}
const names = (dir) => (existsSync(dir) ? readdirSync(dir) : []);
const files = (dir) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((d) => d.isFile()).map((d) => path.join(d.parentPath ?? d.path, d.name));

/** What each viewer gets of what matters. */
async function sight() {
  const of = {};
  for (const [name, who] of Object.entries({ desk, mox: w.mox, bnk: w.bnk })) {
    of[name] = {};
    for (const list of ['organisations', 'people', 'findings', 'notices', 'indicators', 'events']) {
      const a = await who.call('GET', `/api/${list}?limit=200`);
      of[name][list] = a.status === 200 ? a.json.items.map(({ newest, ...rest }) => rest) : a.status;
    }
    const ledger = await who.call('GET', '/api/ledger?limit=200');
    of[name].ledger = ledger.status === 200 ? ledger.json.items.map((e) => e.id).reverse() : ledger.status;
  }
  return of;
}

test('the keys are listed; the ceremony splits the backup key, and any two cards of three give it', async () => {
  const before_ = await cli('keys', 'ls');
  assert.deepEqual(before_.json.keys.map((k) => [k.name, k.there]), [['master.key', true], ['ledger.key', true], ['witness.key', true], ['gpg', true], ['smime.pem', false], ['backup.key', false]]);
  assert.equal(before_.json.custodians, 0);
  const one = await cli('keys', 'ceremony', `Aisha=${cards[0]}`);
  assert.equal(one.code, 2, one.err);
  const held = await site.cli(['keys', 'ceremony', `Aisha=${cards[0]}`, `Bilal=${cards[1]}`, `Chand=${cards[2]}`]);
  assert.equal(held.code, 0, held.err);
  for (const card of cards) assert.equal(statSync(card).mode & 0o777, 0o600);
  for (const [x, y] of [[0, 1], [1, 2], [2, 0]]) {
    const r = await site.cli(['keys', 'check', cards[x], cards[y]]);
    assert.equal(r.code, 0, r.err);
  }
  assert.equal((await site.cli(['keys', 'check', cards[0], cards[0]])).code, 4);
  assert.equal((await site.cli(['keys', 'ceremony', `Aisha=${cards[0]}`, `Bilal=${at('x.card')}`])).code, 75, 'a card is never written over');
  const after_ = await cli('keys', 'ls');
  assert.equal(after_.json.custodians, 3);
  assert.ok(after_.json.checked);
  assert.ok((await desk.get('/api/ledger?limit=50')).items.some((e) => e.type === 'backup.split'));
});

test('only the administrator of the live realm makes backups; no answer holds what is in them', async () => {
  refused(await w.mox.call('POST', '/api/backups'), 403);
  refused(await w.mox.call('GET', '/api/backups'), 403);
  refused(await desk.call('POST', '/api/backups/00000000-0000-4000-8000-000000000000/end', { json: { state: 'made' } }), 404);
  refused(await desk.call('POST', '/api/backups/notes', { json: { kind: 'other', good: true } }), 422);
});

test('a backup while everybody writes; the second one copies what changed', async () => {
  let going = true, written = 0;
  const people = (async () => {
    for (; going; written++) await desk.post('/api/organisations', { key: `LOAD${written}`, name_en: `Body ${written}`, kind: 'other' });
  })();
  const feeds = (async () => {
    for (let i = 0; going; i++) await w.give([[`198.18.4.${20 + (i % 200)}`], [`198.18.64.${20 + (i % 200)}`]]);
  })();
  await sleep(300);
  const first = await made();
  const loaded = await drill();
  going = false;
  await Promise.all([people, feeds]);
  assert.ok(written > 5);
  assert.equal(loaded.code, 0, loaded.err);
  assert.ok(loaded.said.good && loaded.said.events > 0 && loaded.said.people >= 3, loaded.out);
  assert.ok(first.new_bytes > 0 && first.files > 3);
  const second = await made(), third = await made();
  assert.ok(third.new_bytes < third.bytes / 2, `${third.new_bytes} of ${third.bytes}`);
  assert.ok(third.kept_files >= 2, 'files that never change are taken over unread');
  assert.equal(new Set([first.name, second.name, third.name]).size, 3);
  assert.deepEqual(names(path.join(site.dir, 'spool')).filter((n) => n.startsWith('backup-')), [], 'no plain copy stays');
});

test('no name and no byte of the folder tells what is in it', () => {
  const all = files(backups);
  assert.ok(all.length > 5);
  for (const f of all) {
    assert.match(path.relative(backups, f), /^(lock|minar-backup|rolling\/(keys|people-live)|manifests\/\d{8}T\d{6}Z-[0-9a-f]{8}|chunks\/[0-9a-f]{2}\/[0-9a-f]{64})$/);
    const bytes = readFileSync(f).toString('latin1');
    for (const word of ['Ministry', 'mox.example', '198.18.', 'records.db', 'SQLite format', 'CREATE TABLE', 'kept.bin']) assert.ok(!bytes.includes(word), `${f}: ${word}`);
  }
});

test('the drill is kept: ledger, list, figures, doctor', async () => {
  const r = await drill();
  assert.equal(r.code, 0, r.err);
  const proved = await cli('verify');
  assert.equal(proved.code, 0, proved.err);
  const list = (await desk.get('/api/backups')).items;
  assert.equal(list[0].kind, 'drill');
  assert.equal(list[0].state, 'good');
  assert.ok(list.some((b) => b.kind === 'backup' && b.state === 'made' && b.digest.length === 64 && b.entries > 0));
  const types = (await desk.get('/api/ledger?limit=100')).items.map((e) => e.type);
  for (const t of ['backup.begun', 'backup.made', 'backup.drilled']) assert.ok(types.includes(t), t);
  const figures = (await desk.call('GET', '/metrics')).text;
  assert.match(figures, /^minar_backup_last_drill_good 1$/m);
  assert.match(figures, /^minar_backup_last_good_time_seconds 1\d{9}/m);
  const doctor = await cli('doctor');
  const line = (name) => doctor.json.checks.find((c) => c.name === name);
  for (const name of ['backup', 'drill', 'custody']) assert.equal(line(name)?.state, 'ok', JSON.stringify(line(name)));
  if (ON_PG) assert.equal(site.database.query("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'minar_drill%'").trim(), '0');
  assert.deepEqual(names(site.dir).filter((n) => n.startsWith('drill-')), []);
});

test('without the key, with one card or another installation\'s, nothing opens', async () => {
  const none = await run(MINAR, ['restore', backups, '--test', '--data', at('nowhere')]);
  assert.equal(none.code, 1, none.err);
  assert.equal((await run(MINAR, ['restore', backups, '--test', '--card', cards[0], '--data', at('nowhere')])).code, 2);
  writeFileSync(at('other.key'), Buffer.alloc(32, 7), { mode: 0o600 });
  const other = await cli('restore', backups, '--test', '--key', at('other.key'));
  assert.equal(other.code, 4, other.err);
  const typed = readFileSync(cards[1], 'utf8').replace(/(\n1\.2 .)(.)/, (_, a, b) => a + (b === '0' ? '1' : '0'));
  writeFileSync(at('typed.card'), typed);
  const wrong = await cli('restore', backups, '--test', '--card', cards[0], '--card', at('typed.card'));
  assert.equal(wrong.code, 6, wrong.err);
  assert.match(wrong.err, /5/, 'the line is named');
});

test('what was altered, cut, swapped or put back is found; nothing is left of the try', async () => {
  await made('--keep', '1'); // every chunk is one of the newest backup's
  const chunk = (n) => files(path.join(backups, 'chunks')).sort((a, b) => statSync(b).size - statSync(a).size)[n];
  const manifest = path.join(backups, 'manifests', names(path.join(backups, 'manifests')).sort().at(-1));
  const harmed = async (what, f, harm) => {
    const was = readFileSync(f);
    harm(f, was);
    const r = await drill();
    writeFileSync(f, was);
    assert.ok(r.code === 6 || r.code === 1, `${what}: ${r.code} ${r.err}`);
    assert.deepEqual(names(site.dir).filter((n) => n.startsWith('drill-')), [], what);
  };
  const flip = (f, was) => { const b = Buffer.from(was); b[Math.floor(b.length / 2)] ^= 1; writeFileSync(f, b); };
  for (const f of [chunk(0), manifest, path.join(backups, 'rolling/keys'), path.join(backups, 'rolling/people-live')]) {
    await harmed(`flipped ${f}`, f, flip);
    await harmed(`cut ${f}`, f, (x, was) => writeFileSync(x, was.subarray(0, was.length - 1)));
    await harmed(`longer ${f}`, f, (x, was) => writeFileSync(x, Buffer.concat([was, Buffer.from([0])])));
  }
  await harmed('another chunk in its place', chunk(0), (f) => copyFileSync(chunk(1), f));
  await harmed('no chunk', chunk(0), (f) => renameSync(f, at('away')));
  const back = readFileSync(path.join(backups, 'rolling/people-live'));
  await sleep(1100);
  await made();
  const [older, newest] = names(path.join(backups, 'manifests')).sort().slice(-2);
  await harmed('an earlier manifest under the newest name', path.join(backups, 'manifests', newest), (f) => copyFileSync(path.join(backups, 'manifests', older), f));
  await harmed('earlier keys of people put back', path.join(backups, 'rolling/people-live'), (f) => writeFileSync(f, back));
  const bad = (await desk.get('/api/backups')).items[0];
  assert.equal(bad.state, 'bad');
  assert.match((await desk.call('GET', '/metrics')).text, /^minar_backup_last_drill_good 0$/m);
  assert.equal((await drill()).code, 0);
});

/** Settings under which another installation stands in the same database. */
function beside(schema) {
  if (!ON_PG) return [];
  writeFileSync(at('settings.yaml'), `listen: "127.0.0.1:${site.port}"\nstore:\n  url: ${JSON.stringify(site.database.url)}\n  schema: ${schema}\n`);
  return ['--settings', at('settings.yaml')];
}

/** Starts the command and kills it when `when` says so; the signal. */
async function killed(args, when, signal = 'SIGKILL') {
  const child = spawn(MINAR, [...args, '--data', site.dir], { stdio: 'ignore' });
  const end = new Promise((resolve) => { child.on('exit', (code, sig) => resolve(code ?? sig)); });
  await poll('the moment', () => when() || child.exitCode !== null, 20000);
  child.kill(signal);
  return end;
}

test('cut off with kill -9, a backup or a restore leaves nothing that looks whole', async () => {
  const place = at('cut'), manifests = () => names(path.join(place, 'manifests'));
  const how = [];
  for (let i = 0; i < 4 || (i < 30 && !how.includes('SIGKILL')); i++) { // a quick one may end before it is hit
    const wait = [0, 5, 20, 60][i % 4];
    how.push(await killed(['backup', place], () => names(place).some((n) => n.startsWith('fresh-')) && (wait === 0 || sleep(wait).then(() => true))));
    const r = await cli('restore', place, '--test');
    assert.equal(r.code, manifests().length ? 0 : 1, r.err);
    const left = await cli('backup', place);
    if (left.code) assert.match(left.err, /--anew/, left.err);
    const anew = await cli('backup', place, '--anew');
    assert.equal(anew.code, 0, anew.err);
  }
  assert.ok(how.includes('SIGKILL'), how.join());
  assert.equal((await cli('restore', place, '--test')).code, 0);
  assert.deepEqual(names(place).filter((n) => n.startsWith('fresh-')), []);
  const to = at('half');
  assert.equal(await killed(['restore', backups, '--to', to, ...beside('minar_half')], () => existsSync(`${to}.restoring`)), 'SIGKILL');
  assert.ok(!existsSync(to), 'it has its name when all of it is there');
  if (ON_PG) site.database.query('DROP SCHEMA IF EXISTS minar_half_live CASCADE');
  const again = await cli('restore', backups, '--to', to, ...beside('minar_half'));
  assert.equal(again.code, 0, again.err);
  assert.ok(existsSync(path.join(to, 'keys/master.key')) && !existsSync(`${to}.restoring`));
  assert.equal((await cli('restore', backups, '--to', to)).code, 7, 'never over something that is there');
  if (ON_PG) site.database.query('DROP SCHEMA minar_half_live CASCADE');
});

test('asked to stop, it stops: 130, and the book says so', async () => {
  const code = await killed(['backup', at('stopped')], () => names(at('stopped')).some((n) => n.startsWith('fresh-')), 'SIGINT');
  if (code === 0) return; // it was done before
  assert.equal(code, 130);
  assert.equal((await desk.get('/api/backups')).items[0].state, 'stopped');
  assert.deepEqual(names(at('stopped', 'manifests')), []);
});

test('the interface that the command uses: begun, looked at, ended; a drill noted', async () => {
  const { id } = await desk.post('/api/backups');
  const r = await poll('the copy stands', async () => { const x = await desk.get(`/api/backups/${id}`); return x.state !== 'copying' && x; }, 30000);
  assert.equal(r.state, 'ready', JSON.stringify(r));
  assert.match(r.folder, /^spool\/backup-/);
  assert.ok(r.bytes > 0);
  refused(await desk.call('POST', '/api/backups'), 409);
  await desk.ok('POST', `/api/backups/${id}/end`, { json: { state: 'stopped' } });
  assert.ok(!existsSync(path.join(site.dir, r.folder)), 'its copy in the spool is gone');
  assert.equal((await desk.get(`/api/backups/${id}`)).state, 'stopped');
  const note = await desk.post('/api/backups/notes', { kind: 'check', good: true, custodians: 3 });
  assert.equal((await desk.get('/api/backups')).items.find((b) => b.id === note.id).kind, 'check');
});

test('older ones go, and only what no other names goes with them', async () => {
  const r = await cli('backup', backups, '--keep', '2');
  assert.equal(r.code, 0, r.err);
  const left = names(path.join(backups, 'manifests')).sort();
  assert.equal(left.length, 2);
  for (const name of left) assert.equal((await drill('--at', name)).code, 0, name);
});

test('the key is changed: old cards open nothing any more, new ones do', async () => {
  const fresh = [at('new-a.card'), at('new-b.card')];
  const r = await site.cli(['keys', 'rotate', `Aisha=${fresh[0]}`, `Bilal=${fresh[1]}`, '--backups', backups]);
  assert.equal(r.code, 0, r.err);
  assert.equal((await drill()).code, 0, 'the machine\'s own key');
  assert.equal((await drill('--card', cards[0], '--card', cards[1])).code, 4);
  assert.equal((await drill('--card', fresh[0], '--card', fresh[1])).code, 0);
  cards = fresh;
});

test('the machine is lost; two cards bring it back, and everybody sees what they saw', async () => {
  const erased = await w.mox.call('DELETE', `/api/files/${w['gone.bin']}`);
  assert.ok(erased.status < 300 || erased.status === 202, erased.text);
  await made();
  seen = await sight();
  await site.stop();
  const last = await made();
  cpSync(path.join(site.dir, 'published'), at('published'), { recursive: true });
  rmSync(site.dir, { recursive: true, force: true });
  if (ON_PG) site.database.query('DROP SCHEMA minar_live CASCADE');
  const r = await run(MINAR, ['restore', backups, '--to', dirOfSite, '--card', cards[0], '--card', cards[1], '--json', '--data', at('nowhere')]);
  assert.equal(r.code, 0, r.err);
  assert.equal(r.json.name, last.name);
  assert.ok(r.json.good && r.json.entries > 0);
  await site.start();
  const now = await sight();
  for (const [who, lists] of Object.entries(seen))
    for (const [list, was] of Object.entries(lists))
      if (list !== 'ledger') assert.deepEqual(now[who][list], was, `${who}: ${list}`);
  assert.equal((await cli('verify')).code, 0);
  assert.equal((await w.mox.call('GET', `/api/files/${w['kept.bin']}/original`)).status, 200);
});

test('it is held: nothing leaves until somebody says so', async () => {
  const line = (await cli('doctor')).json.checks.find((c) => c.name === 'restored');
  assert.equal(line?.state, 'warn');
  assert.match((await desk.call('GET', '/metrics')).text, /^minar_restored_held 1$/m);
  await w.give([['198.18.4.99', 9443]], undefined);
  const waiting = await poll('a notice that is made', async () => (await desk.get(`/api/notices?org=${w.MOX}`)).items.find((n) => n.state !== 'sent'), 20000);
  await sleep(1500);
  assert.notEqual((await desk.get(`/api/notices/${waiting.id}`)).state, 'sent');
  assert.equal((await cli('restore', '--release', 'withhold')).code, 75, 'a running server is stopped first');
  await site.stop();
  const r = await site.cli(['restore', '--release', 'withhold']);
  assert.equal(r.code, 0, r.err);
  assert.equal((await site.cli(['restore', '--release', 'withhold'])).code, 1);
  await site.start();
  await poll('what was made since leaves', async () => (await desk.get(`/api/notices/${waiting.id}`)).state === 'sent', 20000);
  assert.ok((await desk.get('/api/ledger?limit=50')).items.some((e) => e.type === 'backup.released'));
  assert.equal((await cli('verify')).code, 0);
});

/** The machine is lost and brought back from its newest backup; held, and its server runs unless told otherwise. */
async function again(serve = true) {
  await site.stop();
  rmSync(site.dir, { recursive: true, force: true });
  if (ON_PG) site.database.query('DROP SCHEMA minar_live CASCADE');
  const r = await run(MINAR, ['restore', backups, '--to', dirOfSite, '--card', cards[0], '--card', cards[1], '--json', '--data', at('nowhere')]);
  assert.equal(r.code, 0, r.err);
  if (serve) await site.start();
}

for (const [how, leaves] of [['withhold', false], ['send', true]])
  test(`what waited when it was backed up: after --release ${how} it ${leaves ? 'leaves' : 'stays'}`, async () => {
    await made();
    await again();
    await w.give([[`198.18.4.${leaves ? 101 : 100}`, leaves ? 9445 : 9444]], undefined);
    await poll('a notice that waits', async () => (await desk.get(`/api/notices?org=${w.MOX}`)).items.find((n) => n.state !== 'sent' && n.state !== 'acknowledged'), 30000);
    await made();
    await again(false);
    const was = box.mails.length;
    const r = await site.cli(['restore', '--release', how]);
    assert.equal(r.code, 0, r.err);
    await site.start();
    if (leaves) {
      await poll('it leaves by mail', () => box.mails.length > was, 30000);
    } else {
      assert.match(r.err, /[1-9]\d* message/, 'how many stay is said');
      await sleep(4000);
      assert.equal(box.mails.length, was, 'none leaves');
    }
    assert.equal((await cli('verify')).code, 0);
  });

test('who was erased stays erased, in the backups of before too', async () => {
  const [oldest] = names(path.join(backups, 'manifests')).sort();
  const to = at('before');
  const r = await cli('restore', backups, '--at', oldest, '--to', to, ...beside('minar_before'));
  assert.equal(r.code, 0, r.err);
  const rows = ON_PG
    ? site.database.query('SELECT count(*) FROM minar_before_live.file_key WHERE wrapped IS NOT NULL').trim()
    : (await run('python3', ['-c', `import sqlite3; print(sqlite3.connect(${JSON.stringify(path.join(to, 'realm/live/records.db'))}).execute('SELECT count(*) FROM file_key WHERE wrapped IS NOT NULL').fetchone()[0])`])).out.trim();
  assert.equal(rows, '1', 'of two files that were there, one was erased since');
  if (ON_PG) site.database.query('DROP SCHEMA minar_before_live CASCADE');
});
