// Walk: mail signed and encrypted by OpenPGP. The site's keys are made, changed and ended by `minar pgp`; what was
// received is taken apart by Python's parser and verified and decrypted by Debian's gpg with keys of its own. Keys
// that are expired, revoked, weak, foreign, secret, or that nothing can be encrypted to are refused one by one; a
// key counts when its owner gave back the code that came encrypted to it; its end is told, and mail then goes as the
// setting says. Backup and restore take the site's keys along.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Gnupg } from './gnupg.mjs';
import { MINAR } from './harness.mjs';
import { Site, poll, refused, run } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, box, gpg, w, dana, boss, place;
const conf = (more = {}) => ({ mail: { ...mailConf(box), dkim_selector: 'm1', ...more }, outbox: { hold_s: 0 } });
before(async () => {
  box = await startMailbox();
  gpg = new Gnupg();
  place = mkdtempSync(path.join(tmpdir(), 'minar-pgp-'));
  site = await Site.open({ conf: conf() });
  w = await populate(site, { people: false });
  boss = await site.person(w.MOX, 'boss@mox.example', { lang: 'en', roles: ['reader', 'analyst', 'org_admin'], contact_role: 'none' });
  dana = await site.person(w.MOX, 'dana@mox.example', { lang: 'en', name: 'Dana Example', roles: ['reader', 'analyst'] }, boss);
});
after(async () => {
  await site?.close();
  await box?.stop();
  await gpg?.close();
  if (place) rmSync(place, { recursive: true, force: true });
});

const parts = (raw) => JSON.parse(execFileSync('/usr/bin/python3', [path.join(import.meta.dirname, 'mail_parts.py')], { input: raw }));
const bytes = (part) => Buffer.from(part.bytes, 'base64');
/** The next mail to an address, whole. */
const seen = new Set();
const next = async (to) => {
  const m = await poll(`mail to ${to}`, () => box.to(to).find((x) => !seen.has(x)), 30000);
  seen.add(m);
  return Buffer.from(m.raw, 'base64');
};
const skip = (to) => box.to(to).forEach((m) => seen.add(m));
const own = async () => (await site.cli(['pgp', 'show', '--json'])).json;
const restart = async (more) => {
  await site.stop();
  if (more) site.configure(conf(more));
  await site.start();
};
/** Signed in clear; by whom, as the other side's gpg finds. */
async function signers(raw) {
  const m = parts(raw);
  assert.equal(m.type, 'multipart/signed', raw.toString('latin1').slice(0, 900));
  assert.deepEqual([m.micalg, m.protocol, m.parts[1].type, m.defects], ['pgp-sha512', 'application/pgp-signature', 'application/pgp-signature', []]);
  return { m, by: await gpg.verify(bytes(m.parts[0]), Buffer.from(m.parts[1].payload, 'base64')) };
}
/** Encrypted: what is inside, which is signed in its turn. */
async function opened(raw) {
  const m = parts(raw);
  assert.equal(m.type, 'multipart/encrypted', raw.toString('latin1').slice(0, 900));
  assert.equal(m.protocol, 'application/pgp-encrypted');
  assert.deepEqual(m.parts.map((p) => p.type), ['application/pgp-encrypted', 'application/octet-stream']);
  assert.equal(Buffer.from(m.parts[0].payload, 'base64').toString().trim(), 'Version: 1');
  const inside = await gpg.decrypt(Buffer.from(m.parts[1].payload, 'base64'));
  return inside === null ? null : signers(Buffer.from(inside));
}
const mine = async (who = dana) => (await who.get('/api/session/mail-keys')).items;
const bring = (key, who = dana) => who.call('POST', '/api/session/mail-keys', { json: { key } });
const code = (text) => /[A-Z2-9]{5}-[A-Z2-9]{5}/.exec(text)[0];
const confirm = (id, typed, who = dana) => who.call('POST', `/api/session/mail-keys/${id}/confirm`, { json: { code: typed } });
async function exchange(key, who = dana) {
  skip(who.mail);
  const a = await bring(key, who);
  assert.equal(a.status, 201, a.text);
  const { m } = await opened(await next(who.mail));
  const c = await confirm(a.json.id, code(m.plain), who);
  assert.equal(c.status, 200, c.text);
  return a.json.id;
}

test('without a key mail is not signed, and the public page says so', async () => {
  assert.notEqual(parts(await next('dana@mox.example')).type, 'multipart/signed');
  const page = await site.anyone().call('GET', '/openpgp');
  assert.equal(page.status, 200);
  assert.match(page.text, /not signed by OpenPGP/);
  refused(await site.anyone().call('GET', '/openpgp/keys.asc'), 404);
  const r = await site.cli(['pgp', 'show']);
  assert.equal(r.code, 0, r.err);
  assert.match(r.err, /minar pgp make/);
});

test('a key is made beside the running server; its page, its file, and what revokes it', async () => {
  const made = await site.cli(['pgp', 'make', '--years', '3']);
  assert.equal(made.code, 0, made.err);
  const [k] = await own();
  assert.equal(k.user, 'National CERT <cert@cert.example>');
  assert.equal(k.state, 'signs');
  assert.ok(Math.abs(Date.parse(k.expires) - Date.now() - 3 * 365 * 86400e3) < 3 * 86400e3, k.expires);
  assert.match(made.out, new RegExp(k.fingerprint.replace(/(.{4})(?=.)/g, '$1 ')));
  assert.equal(statSync(path.join(site.dir, 'keys', 'gpg')).mode & 0o777, 0o700);
  for (const wrong of [['make', '--years', '0'], ['make', '--years', '11'], ['extend'], ['drop'], ['sign']]) assert.equal((await site.cli(['pgp', ...wrong])).code, 2, wrong.join(' '));
  assert.equal((await site.cli(['pgp', 'drop', 'FFFFFFFFFF'])).code, 1);
  assert.equal((await site.cli(['pgp', 'drop', k.fingerprint])).code, 7, 'the last one that signs stays');
  const rev = await site.cli(['pgp', 'revocation', k.fingerprint.slice(-16)]);
  assert.match(rev.out, /:-----BEGIN PGP PUBLIC KEY BLOCK-----/);
  await restart();
  const page = await site.anyone().call('GET', '/openpgp');
  assert.ok(page.text.includes(k.fingerprint.replace(/(.{4})(?=.)/g, '$1 ')), page.text);
  const file = await site.anyone().call('GET', '/openpgp/keys.asc');
  await gpg.import(file.text);
  const exported = await site.cli(['pgp', 'export']);
  assert.equal(exported.out, file.text);
  const d = JSON.parse((await site.cli(['doctor', '--json'])).out).checks.find((c) => c.name === 'openpgp');
  assert.equal(d.state, 'ok', JSON.stringify(d));
});

test('mail is signed as RFC 3156 says; an outside verifier finds it good, and bad when a byte is another', async () => {
  const [k] = await own();
  for (const lang of ['en', 'ur']) {
    await site.desk.post('/api/people', { name: 'عائشہ خان', mail: `${lang}@mox.example`, org: w.MOX, lang });
    const raw = await next(`${lang}@mox.example`), { m, by } = await signers(raw);
    assert.deepEqual(by, [k.fingerprint]);
    assert.ok(m.headers['dkim-signature'], 'and by the domain');
    assert.match(m.plain, /Ministry of Examples|وزارتِ امثال/);
    const bad = bytes(m.parts[0]);
    bad[bad.length - 5] ^= 1;
    assert.deepEqual(await gpg.verify(bad, Buffer.from(m.parts[1].payload, 'base64')), []);
  }
});

test('an agent that died is back with the next mail', async () => {
  const found = async () => (await run('/usr/bin/pgrep', ['-f', `gpg-agent --homedir ${site.dir}/keys/gpg `], {})).out.trim().split('\n').filter(Boolean).map(Number);
  const [pid] = await found();
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  await poll('it is gone', async () => !(await found()).includes(pid));
  await site.desk.post('/api/people', { name: 'Again', mail: 'again@mox.example', org: w.MOX, lang: 'en' });
  assert.equal((await signers(await next('again@mox.example'))).by.length, 1);
});

test('keys that must not count are refused, each in words, and none is kept', async () => {
  const user = 'Dana <dana@mox.example>';
  const [weak, foreign, sign, old, sha1, dsa] = [
    await gpg.make(user, ['rsa1024', 'default', '1y']), await gpg.make('Dana <dana@other.example>'), await gpg.make(user, ['ed25519', 'sign,cert', '1y']),
    await gpg.make(user, ['default', 'default', '1y'], ['--faked-system-time', '20200101T000000']),
    await gpg.make(user, ['rsa2048', 'encr,sign,cert', '1y'], ['--cert-digest-algo', 'SHA1']), await gpg.make(user, ['dsa2048', 'default', '1y'])];
  const gone = await gpg.make(user);
  const rev = readFileSync(path.join(gpg.home, 'openpgp-revocs.d', `${gone.fingerprint}.rev`), 'utf8');
  await gpg.import(rev.slice(rev.indexOf(':-----BEGIN') + 1));
  const revoked = await gpg.exported(gone.fingerprint);
  const secret = (await gpg.ok(['--armor', '--export-secret-keys', foreign.fingerprint])).out;
  const two = `${foreign.key}\n${sign.key}`;
  for (const [what, key, words] of [['weak', weak.key, /too weak/], ['dsa', dsa.key, /too weak/], ['another address', foreign.key, /another address/], ['sign only', sign.key, /no part for encryption/],
    ['expired', old.key, /ended on 2020-12-31/], ['SHA-1', sha1.key, /SHA-1/], ['revoked', revoked, /revoked/], ['secret', secret, /secret key/], ['two', two, /more than one/],
    ['no key', 'hello', /no OpenPGP public key and no certificate/], ['cut', foreign.key.slice(0, 400), /no OpenPGP public key/]]) {
    const a = await bring(key);
    assert.equal(a.status, 422, `${what}: ${a.text}`);
    assert.match(a.text, words, what);
    assert.ok(a.text.includes('/key'), what);
  }
  assert.deepEqual(await mine(), []);
});

let first, second;
test('a key counts when its owner gave the code back that came encrypted to it', async () => {
  first = await gpg.make('Dana Example <DANA@mox.example>', ['default', 'default', '20d']);
  skip('dana@mox.example');
  const a = await bring(first.key);
  assert.equal(a.status, 201, a.text);
  assert.equal(a.json.fingerprint, first.fingerprint);
  assert.deepEqual((await mine()).map((k) => k.state), ['waiting']);
  const raw = await next('dana@mox.example'), { m, by } = await opened(raw);
  assert.deepEqual(by, [(await own())[0].fingerprint]);
  assert.ok(m.plain.includes(first.fingerprint.slice(0, 4)), m.plain);
  assert.ok(!raw.includes(code(m.plain)), 'never in clear');
  refused(await confirm(a.json.id, 'AAAAA-AAAAA'), 422);
  refused(await confirm(a.json.id, code(m.plain), boss), 404);
  const c = await confirm(a.json.id, code(m.plain).toLowerCase().replace('-', ' '));
  assert.equal(c.status, 200, c.text);
  assert.deepEqual((await mine()).map((k) => [k.state, k.fingerprint, k.user]), [['used', first.fingerprint, 'Dana Example <DANA@mox.example>']]);
  refused(await confirm(a.json.id, code(m.plain)), 404);
  refused(await bring(first.key), 409);
  const entries = (await site.desk.all('/api/ledger')).filter((e) => e.type.startsWith('person.mail_key'));
  assert.deepEqual(entries.map((e) => e.type).sort(), ['person.mail_key_added', 'person.mail_key_confirmed']);
  assert.ok(!JSON.stringify(entries).includes(first.fingerprint), 'no personal text in the ledger');
  // It ends within thirty days: its owner is told at once, encrypted to it.
  const told = await opened(await next('dana@mox.example'));
  assert.match(told.m.plain, /ends on/);
});

test('five wrong codes and the key is gone', async () => {
  const k = await gpg.make('Boss <boss@mox.example>');
  const a = await bring(k.key, boss);
  for (let i = 0; i < 4; i++) assert.match((await confirm(a.json.id, 'BBBBB-BBBBB', boss)).text, /not the code/);
  assert.match((await confirm(a.json.id, 'BBBBB-BBBBB', boss)).text, /five times/);
  assert.deepEqual(await mine(boss), []);
  refused(await confirm(a.json.id, 'BBBBB-BBBBB', boss), 404);
});

test('a notice goes encrypted; who looks at the relay reads none of it; the subject says no more than before', async () => {
  skip('dana@mox.example');
  await w.give([['198.18.4.21', 8443, 'critical']]);
  const raw = await next('dana@mox.example'), { m, by } = await opened(raw);
  assert.deepEqual(by, [(await own())[0].fingerprint]);
  const n = await w.notice(w.MOX);
  assert.ok(m.plain.includes(n.number), m.plain);
  assert.ok(!raw.includes('/l/'), 'no link in clear');
  assert.ok(parts(raw).headers['dkim-signature']);
});

test('an administrator brings the next key: its owner is told with the first, confirms with the second, and both are on file', async () => {
  second = await gpg.make('Dana <dana@mox.example>');
  skip('dana@mox.example');
  refused(await dana.call('POST', `/api/people/${boss.id}/mail-keys`, { json: { key: second.key } }), 403);
  const a = await boss.call('POST', `/api/people/${dana.id}/mail-keys`, { json: { key: second.key } });
  assert.equal(a.status, 201, a.text);
  const mails = [await opened(await next('dana@mox.example')), await opened(await next('dana@mox.example'))].map((x) => x.m.plain);
  assert.ok(mails.some((t) => /administrator brought/.test(t)), mails.join('\n---\n'));
  assert.deepEqual((await boss.get(`/api/people/${dana.id}/mail-keys`)).items.map((k) => k.state), ['used', 'waiting']);
  const due = await boss.get('/api/mail-keys');
  assert.deepEqual(due.people.map((k) => [k.state, k.person.name]).sort(), [['used', 'Dana Example'], ['waiting', 'Dana Example']]);
  assert.equal(due.site[0].state, 'signs');
  const typed = code(mails.find((t) => /[A-Z2-9]{5}-[A-Z2-9]{5}/.test(t)));
  assert.equal((await confirm(a.json.id, typed)).status, 200);
  assert.deepEqual((await mine()).map((k) => [k.fingerprint, k.state]), [[first.fingerprint, 'other'], [second.fingerprint, 'used']]);
  await gpg.ok(['--yes', '--delete-secret-keys', first.fingerprint]);
  await w.give([['198.18.4.22', 8443, 'critical']]);
  assert.ok(await opened(await next('dana@mox.example')), 'to the new one');
});

test('the site\'s key is changed: both sign, each known to the other; the first is revoked, and the page offers that', async () => {
  const [k] = await own();
  assert.equal((await site.cli(['pgp', 'make'])).code, 0);
  await restart();
  const two = await own();
  assert.equal(two.length, 2);
  await gpg.import((await site.anyone().call('GET', '/openpgp/keys.asc')).text);
  const sigs = (await gpg.ok(['--check-sigs', '--with-colons', two.find((x) => x.fingerprint !== k.fingerprint).fingerprint])).out;
  assert.match(sigs, new RegExp(`^sig:!.*:${k.fingerprint.slice(-16)}:`, 'm'));
  await site.desk.post('/api/people', { name: 'Next', mail: 'roll@mox.example', org: w.MOX, lang: 'en' });
  assert.deepEqual((await signers(await next('roll@mox.example'))).by.sort(), two.map((x) => x.fingerprint).sort());
  const dropped = await site.cli(['pgp', 'drop', k.fingerprint]);
  assert.equal(dropped.code, 0, dropped.err);
  await restart();
  await gpg.import((await site.anyone().call('GET', '/openpgp/keys.asc')).text);
  assert.match((await gpg.ok(['--list-keys', '--with-colons', k.fingerprint])).out, /^pub:r:/m);
  assert.match((await site.anyone().call('GET', '/openpgp')).text, /was revoked/);
  await site.desk.post('/api/people', { name: 'After', mail: 'after@mox.example', org: w.MOX, lang: 'en' });
  assert.deepEqual((await signers(await next('after@mox.example'))).by, two.map((x) => x.fingerprint).filter((f) => f !== k.fingerprint));
});

test('a key that ends: told, then mail goes in clear and says so; or it is held until another is on file', async () => {
  for (const k of await mine()) await dana.ok('DELETE', `/api/session/mail-keys/${k.id}`);
  assert.deepEqual(await mine(), []);
  const brief = await gpg.make('Dana <dana@mox.example>', ['default', 'default', 'seconds=25']);
  await exchange(brief.key);
  const told = async (words) => poll(`told: ${words}`, async () => (await dana.get('/api/notifications')).items.find((n) => words.test(n.subject)), 60000);
  await told(/ends soon/);
  await told(/has ended/);
  assert.deepEqual((await mine()).map((k) => k.state), ['ended']);
  await poll('the desk is told', async () => (await site.desk.get('/api/notifications')).items.find((n) => /A key for mail has ended/.test(n.subject)));
  await poll('the mail of it has come', () => box.to('dana@mox.example').length);
  await w.give([['198.18.4.23', 8443, 'critical']]);
  const clear = await poll('the notice in clear', async () => {
    const raw = await next('dana@mox.example'), m = parts(raw);
    return m.type === 'multipart/signed' && /198\.18|notice/.test(m.plain) && m;
  }, 60000);
  assert.match(clear.plain, /not encrypted: your key or certificate ended/);
  await restart({ key_ended: 'hold' });
  skip('dana@mox.example');
  await w.give([['198.18.4.24', 8443, 'critical']]);
  const waits = await poll('it is held', async () => {
    for (const n of await site.desk.all('/api/notices')) {
      const d = (await site.desk.get(`/api/notices/${n.id}`)).deliveries.find((x) => x.channel === 'mail' && x.state === 'queued' && /has ended/.test(x.last_error ?? ''));
      if (d) return n;
    }
    return null;
  });
  const last = await gpg.make('Dana <dana@mox.example>');
  await exchange(last.key);
  const { m } = await opened(await next('dana@mox.example'));
  assert.ok(m.plain.includes(waits.number), m.plain);
});

test('an administrator removes them; their owner is told; nobody else may', async () => {
  skip('dana@mox.example');
  refused(await dana.call('DELETE', `/api/people/${dana.id}/mail-keys`), 403);
  const r = await boss.call('DELETE', `/api/people/${dana.id}/mail-keys`);
  assert.equal(r.status, 200, r.text);
  assert.equal((await boss.call('DELETE', `/api/people/${dana.id}/mail-keys`)).status, 200, 'nothing is left to remove');
  assert.deepEqual(await mine(), []);
  await poll('told', async () => (await dana.get('/api/notifications')).items.find((n) => /was removed/.test(n.subject)));
});

test('a backup takes the keys that sign mail along, and a restore gives them back', async () => {
  const had = await own();
  const saved = await site.cli(['backup', path.join(place, 'backup')]);
  assert.equal(saved.code, 0, saved.err);
  if (site.database) return; // what stands in the folder is the same; backup.walk.mjs restores both engines
  const to = path.join(place, 'restored'), key = path.join(site.dir, 'keys', 'backup.key');
  const r = await run(MINAR, ['restore', path.join(place, 'backup'), '--to', to, '--key', key, '--data', path.join(place, 'nowhere')]);
  assert.equal(r.code, 0, r.err);
  for (const name of ['dkim-m1.pem', 'gpg/pubring.kbx']) assert.equal(statSync(path.join(to, 'keys', name)).mode & 0o777, 0o600, name);
  assert.deepEqual((await run(MINAR, ['pgp', 'show', '--json', '--data', to])).json, had);
});

test('what the command did stands in the ledger: which key, and who', async () => {
  const all = (await site.desk.all('/api/ledger')).filter((e) => e.type.startsWith('site.mail_key'));
  assert.deepEqual(all.map((e) => [e.type, e.mail_key.key]).sort(), [['site.mail_key_ended', 'openpgp'], ['site.mail_key_made', 'openpgp'], ['site.mail_key_made', 'openpgp']]);
  assert.equal(new Set(all.map((e) => e.mail_key.name)).size, 2);
  for (const e of all) assert.match(e.mail_key.name, /^[0-9A-F]{40}$/);
  for (const e of all) assert.notEqual(e.who, 'Minar');
});
