// Walk: a token that seals the master key (SoftHSM, looked at from outside by OpenSC). Sealed, the folder is nothing without
// it: no plain key is left in any file, the server starts with the token alone, and says what is missing. A wrong PIN is
// tried once. A new master key, backups and their drill go on; a restored site needs no token; when the token is lost,
// two custodians' cards undo it. Killed between two steps, the folder opens, and the same command goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MINAR, ON_PG } from './harness.mjs';
import { Site, run } from './site.mjs';

const MODULE = '/usr/lib/softhsm/libsofthsm2.so', PIN = '271828', SO_PIN = '314159';
const skip = !existsSync(MODULE) ? 'no softhsm2' : !existsSync('/usr/bin/pkcs11-tool') ? 'no opensc' : undefined;
const strace = existsSync('/usr/bin/strace') ? undefined : 'no strace';
let site, outside, seen, first;
const at = (...p) => path.join(outside, ...p);
const keys = (...p) => path.join(site.dir, 'keys', ...p);
const cli = (...args) => site.cli([...args, '--json']);
const cards = () => ['--card', at('a.card'), '--card', at('b.card')];

function newToken(label) {
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, '--pin', PIN, '--so-pin', SO_PIN], { stdio: 'pipe' });
}
/** What another program sees on the token: its objects, as pkcs11-tool writes them. */
function objects(label = 'minar-site') {
  return execFileSync('pkcs11-tool', ['--module', MODULE, '--token-label', label, '--login', '--pin', PIN, '--list-objects'], { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}
const writePin = (pin) => writeFileSync(at('pin'), `${pin}\n`, { mode: 0o600 });
function settings(more = {}) {
  site.configure({ token: { module: MODULE, label: 'minar-site', pin_file: at('pin'), ...more } });
}
const files = (dir) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((d) => d.isFile()).map((d) => path.join(d.parentPath ?? d.path, d.name));
/** These bytes are in no file of the folder, as such or as hexadecimal digits. */
function isGone(what, bytes) {
  for (const f of files(site.dir)) {
    const all = readFileSync(f);
    assert.ok(!all.includes(bytes) && !all.includes(bytes.toString('hex')), `${what} in ${f}`);
  }
}
const sealed = () => readFileSync(keys('master.key'), 'latin1').startsWith('minar master key, form 3\n');
async function doctorSays(name) { return (await cli('doctor')).json.checks.find((c) => c.name === name); }
async function servesNot(words) {
  const r = await run(MINAR, ['serve', '--data', site.dir], { ms: 30000 });
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, words);
}
async function reads() {
  const people = (await site.desk.get('/api/people?limit=200')).items.map((p) => [p.id, p.name, p.mail]);
  return people;
}

before(async () => {
  if (skip) return;
  outside = mkdtempSync(path.join(tmpdir(), 'minar-token-'));
  mkdirSync(at('tokens'));
  writeFileSync(at('softhsm2.conf'), `directories.tokendir = ${at('tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env.SOFTHSM2_CONF = at('softhsm2.conf');
  newToken('minar-site');
  newToken('somebody-else');
  writePin(PIN);
  site = await Site.open({});
  const org = await site.org('MOX');
  await site.person(org.id, 'bilal@mox.example', { name: 'Bilal Raza' });
  seen = await reads();
  assert.ok(seen.some(([, name]) => name === 'Bilal Raza'));
});
after(async () => {
  await site?.close();
  if (outside) rmSync(outside, { recursive: true, force: true });
});

test('it is refused while the server runs, without settings, and without custodians', { skip }, async () => {
  assert.equal((await site.cli(['keys', 'token'])).code, 75);
  assert.equal((await site.cli(['keys', 'token', 'now'])).code, 2);
  assert.equal((await site.cli(['keys', 'token', ...cards()])).code, 2);
  await site.stop();
  first = { master: readFileSync(keys('master.key')) };
  let r = await site.cli(['keys', 'token']);
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /custodians must hold cards/);
  assert.equal((await site.cli(['keys', 'ceremony', `A=${at('a.card')}`, `B=${at('b.card')}`])).code, 0);
  first.backup = readFileSync(keys('backup.key'));
  r = await site.cli(['keys', 'token']);
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /token\.module/);
  assert.equal((await site.cli(['keys', 'token', '--off'])).code, 1);
  for (const [more, words] of [[{ module: '/nowhere.so' }, /cannot be loaded/], [{ label: 'not-here' }, /no token named not-here/i], [{ pin_file: at('no-pin') }, /PIN cannot be read/]]) {
    settings(more);
    r = await site.cli(['keys', 'token']);
    assert.equal(r.code, 3, r.err);
    assert.match(r.err, words);
  }
  settings();
  assert.equal((await doctorSays('token')).state, 'warn');
  assert.deepEqual(readFileSync(keys('master.key')), first.master, 'nothing has changed');
  assert.deepEqual(readFileSync(keys('backup.key')), first.backup);
});

test('a key that could be read out of the token is not taken', { skip }, async () => {
  execFileSync('pkcs11-tool', ['--module', MODULE, '--token-label', 'somebody-else', '--login', '--pin', PIN, '--keypairgen', '--key-type', 'rsa:2048', '--label', 'loose', '--id', '07', '--extractable'], { stdio: 'pipe' });
  settings({ label: 'somebody-else', key: 'loose' });
  const r = await site.cli(['keys', 'token']);
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /can never be read out/);
  assert.ok(!sealed());
  settings();
});

test('sealed: no plain key is left, the token made a key that stays in it, and the server starts by it', { skip }, async () => {
  const r = await site.cli(['keys', 'token']);
  assert.equal(r.code, 0, r.err);
  assert.ok(sealed());
  assert.ok(!existsSync(keys('backup.key')));
  isGone('the master key', first.master);
  isGone('the backup key', first.backup);
  const there = objects();
  assert.match(there, /Private Key Object; RSA/);
  assert.match(there, /label:\s+minar/);
  assert.match(there, /sensitive.*never extractable|never extractable/s);
  assert.equal((await site.cli(['keys', 'token'])).code, 0, 'asked again, it is so');
  const ls = (await cli('keys', 'ls')).json;
  assert.deepEqual([ls.sealed, ls.token, ls.custodians, ls.renewing], [true, 'minar-site', 2, false]);
  assert.equal((await doctorSays('token')).state, 'ok');
  await site.start();
  assert.deepEqual(await reads(), seen);
  const entry = (await site.desk.get('/api/ledger?limit=50')).items.find((e) => e.type === 'key.sealed');
  assert.ok(entry, 'the ledger tells it');
});

test('once it has started, the server does without the token', { skip }, async () => {
  renameSync(at('tokens'), at('away'));
  assert.deepEqual(await reads(), seen);
  const org = await site.org('AWAY');
  await site.person(org.id, 'away@away.example', { name: 'Made without it' });
  seen = await reads();
  assert.equal((await doctorSays('token')).state, 'bad');
  await site.stop();
  await servesNot(/no token named|error\.token|token\.none/i);
  for (const words of [['init'], ['backup', at('never')], ['keys', 'renew']]) {
    const r = await site.cli(words);
    assert.equal(r.code, 3, `${words}: ${r.err}`);
  }
  renameSync(at('away'), at('tokens'));
});

test('another token of that name is told apart, and one without the key', { skip }, async () => {
  mkdirSync(at('mine'));
  renameSync(at('tokens'), at('mine/tokens'));
  mkdirSync(at('tokens'));
  newToken('minar-site');
  const r = await site.cli(['init']);
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /not the one that seals/);
  rmSync(at('tokens'), { recursive: true });
  renameSync(at('mine/tokens'), at('tokens'));
  const two = await site.cli(['init']);
  assert.equal(two.code, 0, two.err);
  settings({ label: /^serial (.*)$/m.exec(`serial ${(await cli('keys', 'ls')).json.serial}`)[1] });
  assert.equal((await site.cli(['init'])).code, 0, 'named by its serial number');
  settings();
});

test('a wrong PIN is tried once, and not again before its file is written anew', { skip }, async () => {
  writePin('000000');
  let r = await site.cli(['init']);
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /refused the PIN/);
  for (let i = 0; i < 3; i++) {
    r = await site.cli(['init']);
    assert.equal(r.code, 3, r.err);
    assert.match(r.err, /not tried again/);
  }
  await servesNot(/pin_refused|not tried again/);
  writePin(PIN);
  utimesSync(at('pin'), new Date(), new Date(Date.now() + 5000));
  r = await site.cli(['init']);
  assert.equal(r.code, 0, r.err);
  assert.deepEqual(files(keys()).filter((f) => f.endsWith('.token-refused')), []);
});

test('what was altered in the file is refused', { skip }, async () => {
  const good = readFileSync(keys('master.key'), 'latin1');
  for (const [what, bad] of [['its end', good.slice(0, -3)], ['old', good.replace('\nold 0\n', '\nold 1\n')], ['the secret', good.replace(/\nsecret (.)/, (_, c) => `\nsecret ${c === '0' ? '1' : '0'}`)],
    ['the box', good.replace(/\ntoken-box (.)/, (_, c) => `\ntoken-box ${c === '0' ? '1' : '0'}`)]]) {
    writeFileSync(keys('master.key'), bad, { mode: 0o600 });
    const r = await site.cli(['init']);
    assert.equal(r.code, 3, `${what}: ${r.err}`);
  }
  writeFileSync(keys('master.key'), good, { mode: 0o600 });
});

test('a new master key is sealed by the token; backups, their drill and a restore elsewhere go on', { skip }, async () => {
  const renewed = await cli('keys', 'renew');
  assert.equal(renewed.code, 0, renewed.err);
  assert.ok(sealed());
  await site.start();
  assert.deepEqual(await reads(), seen);
  const made = await cli('backup', at('backups'));
  assert.equal(made.code, 0, made.err);
  const drilled = await cli('restore', at('backups'), '--test');
  assert.equal(drilled.code, 0, drilled.err);
  assert.equal((await site.cli(['keys', 'check', at('a.card'), at('b.card')])).code, 0);
  await site.stop();
  renameSync(at('tokens'), at('away')); // the other machine has none
  const to = at('restored');
  let beside = [];
  if (ON_PG) {
    writeFileSync(at('settings.yaml'), `listen: "127.0.0.1:${site.port}"\nstore:\n  url: ${JSON.stringify(site.database.url)}\n  schema: minar_restored\n`);
    beside = ['--settings', at('settings.yaml')];
  }
  const r = await run(MINAR, ['restore', at('backups'), '--to', to, ...cards(), ...beside, '--data', at('nobody')]);
  assert.equal(r.code, 0, r.err);
  assert.equal((await run(MINAR, ['init', '--data', to])).code, 0, 'it opens without a token');
  assert.ok(!readFileSync(path.join(to, 'keys/master.key'), 'latin1').includes('form 3'));
  renameSync(at('away'), at('tokens'));
});

test('a new backup key is sealed too', { skip }, async () => {
  await site.start();
  const r = await site.cli(['keys', 'rotate', `A=${at('a2.card')}`, `B=${at('b2.card')}`, '--backups', at('backups')]);
  assert.equal(r.code, 0, r.err);
  assert.ok(sealed() && !existsSync(keys('backup.key')));
  assert.equal((await cli('backup', at('backups'))).code, 0);
  await site.stop();
});

test('the token is lost: two custodians undo it, and only they', { skip }, async () => {
  renameSync(at('tokens'), at('lost'));
  mkdirSync(at('tokens'));
  assert.equal((await site.cli(['keys', 'token', '--off'])).code, 3);
  const old = await site.cli(['keys', 'token', '--off', ...cards()]);
  assert.notEqual(old.code, 0, 'cards of before the rotation');
  assert.match(old.err, /another backup key/);
  const r = await site.cli(['keys', 'token', '--off', '--card', at('a2.card'), '--card', at('b2.card')]);
  assert.equal(r.code, 0, r.err);
  assert.ok(!sealed() && existsSync(keys('backup.key')));
  await site.start();
  assert.deepEqual(await reads(), seen);
  assert.deepEqual((await site.desk.get('/api/ledger?limit=50')).items.filter((e) => /^key\.(un)?sealed$/.test(e.type)).map((e) => e.type), ['key.unsealed', 'key.sealed']);
  assert.equal((await cli('verify')).code, 0);
  await site.stop();
  newToken('minar-site');
  assert.equal((await site.cli(['keys', 'token'])).code, 0, 'sealed by the next token');
  assert.equal((await site.cli(['keys', 'token', '--off'])).code, 0, 'and by that one undone');
});

/** Is killed before the n-th of these calls of itself, not of what asks the token; the exit code, or SIGKILL. */
async function killedAt(call, n, ...words) {
  const r = await run('/usr/bin/strace', ['-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${n}`, MINAR, 'keys', 'token', ...words, '--data', site.dir]);
  return r.code;
}

test('killed between two steps, it opens, and the same command goes on', { skip: skip ?? strace }, async () => {
  const master = readFileSync(keys('master.key')), backup = readFileSync(keys('backup.key'));
  let killed = 0;
  for (const call of ['rename', 'unlink'])
    for (let n = 1, more = true; more; n++) {
      more = false;
      for (const words of [[], ['--off']]) {
        const code = await killedAt(call, n, ...words);
        if (code !== 0) {
          more = true;
          killed++;
          const r = await site.cli(['keys', 'token', ...words]);
          assert.ok(r.code === 0 || (words.length && r.code === 1 && !sealed()), `${words} ${call} ${n}: ${r.err}`);
        }
        assert.equal(sealed(), !words.length, `${words} ${call} ${n}`);
        if (sealed()) {
          isGone('the master key', master);
          isGone('the backup key', backup);
        }
      }
      assert.ok(n < 12, `${call} ${n}`);
    }
  assert.ok(killed >= 6, `${killed} killed`);
  assert.deepEqual(readFileSync(keys('backup.key')), backup, 'and back again it is the same');
  assert.equal((await site.cli(['keys', 'token'])).code, 0);
  isGone('the backup key', backup);
  await site.start();
  assert.deepEqual(await reads(), seen);
});
