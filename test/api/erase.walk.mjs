// Walk: a person is erased. What goes and what stays is said before; two persons; the last administrator stays. Then
// nothing of the person's is found any more: in no answer, in no file of the store and no table, in a backup of before
// when it is restored; what the person did stands in the ledger, which verifies.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { addAuthenticator } from './authenticator.mjs';
import { ON_PG } from './harness.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { Site, cookieOf, poll, refused } from './site.mjs';

const NAME = 'Zarqa Unmistakable', MAIL = 'zarqa.unmistakable@mof.example', PHONE = '+92 51 5550199', VIEW = 'Zarqas own view', ADMINS = ['reader', 'analyst', 'org_admin'];
const STRINGS = [NAME, 'Unmistakable', MAIL, PHONE, VIEW];
let site, desk, box, outside, org, one, two, gone, colleague, mark;

before(async () => {
  outside = mkdtempSync(path.join(tmpdir(), 'minar-outside-'));
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box) } });
  desk = site.desk;
  const home = (await desk.get('/api/session')).org.id;
  org = (await site.org('MOF')).id;
  [one, two] = await Promise.all(['one', 'two'].map((n) => site.person(home, `${n}@cert.example`, { roles: [...ADMINS, 'coordinator'] })));
  gone = await site.person(org, MAIL, { name: NAME, phone: PHONE, roles: ADMINS });
  colleague = await site.person(org, 'colleague@mof.example', { roles: ADMINS });
  await gone.post('/api/views', { name_en: VIEW, path: '/notices', query: 'state=sent' });
  await gone.post('/api/keys', { name: 'siem', access: 'read' });
  await gone.ok('PUT', '/api/session/notify', { json: { task: 'daily', notice: 'at_once', second: 'at_once', account: 'daily', quiet_from: 1320, quiet_until: 420, daily_at: 480, zone: 'Asia/Karachi' } });
  await addAuthenticator(gone);
  await poll('mail to the person', () => box.mails.find((m) => m.to?.includes(MAIL) || m.text?.includes(NAME)));
  mark = (await desk.get('/api/ledger?limit=1')).items[0].id;
  const made = await site.cli(['backup', path.join(outside, 'backups'), '--json']);
  assert.equal(made.code, 0, made.err);
});
after(async () => {
  await site.close();
  await box.stop();
  rmSync(outside, { recursive: true, force: true });
});

const preview = (by, id = gone.id) => by.call('GET', `/api/people/${id}/erasure`);
const erase = (by, id = gone.id) => by.call('DELETE', `/api/people/${id}`);
const persons = async (by) => by.all('/api/people');

/** All that stands in the tables, as text; bytes as they are. */
function dumped(schema, file) {
  if (ON_PG) return execFileSync('pg_dump', ['-h', /host=([^&]+)/.exec(site.database.url)[1], '-U', 'minar', '-d', site.database.name, '-n', schema], { maxBuffer: 1 << 28 });
  return execFileSync('python3', ['-c', 'import sqlite3,sys\nfor l in sqlite3.connect("file:"+sys.argv[1]+"?mode=ro",uri=True).iterdump(): print(l)', file], { maxBuffer: 1 << 28 });
}
const files = (dir) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((d) => d.isFile()).map((d) => path.join(d.parentPath ?? d.path, d.name));
function holdsNone(bytes, what) {
  const hex = (s) => Buffer.from(s).toString('hex');
  const text = bytes.toString('latin1'), folded = text.toLowerCase();
  for (const s of STRINGS) for (const form of [Buffer.from(s).toString('latin1'), s.toLowerCase()]) {
    assert.ok(!text.includes(form) && !folded.includes(form), `${what} holds ${s}`);
    assert.ok(!folded.includes(hex(form)), `${what} holds ${s} as bytes`);
  }
}

test('what goes and what stays is said before, to who may do it', async () => {
  const p = (await preview(one)).json, goes = Object.fromEntries(p.goes.map((l) => [l.what, l.n]));
  assert.equal(p.name, NAME);
  assert.deepEqual([goes.views, goes.keys, goes.sessions >= 1, 'phone' in goes, 'authenticator' in goes, 'password' in goes], [1, 1, true, true, true, true], JSON.stringify(p));
  assert.deepEqual(p.stays.map((l) => l.what), ['ledger', 'made', 'texts', 'key_names']);
  const stranger = await site.person((await site.org('OTHER')).id, 'x@other.example', { roles: ADMINS });
  for (const ask of [preview, erase]) refused(await ask(stranger), 404);
});

test('the last administrator stays, and nobody goes who leaves nobody behind', async () => {
  const people = await persons(desk), founder = people.find((p) => p.roles.includes('admin'));
  for (const ask of [preview, erase]) refused(await ask(desk, founder.id), 409, 'error.office.erase_last_admin');
  const body = (await site.org('ALONE')).id, first = await site.person(body, 'first@alone.example', { roles: ADMINS });
  const own = await site.person(body, 'own@alone.example', { roles: ADMINS }, first), state = (to) => desk.ok('PATCH', `/api/people/${first.id}`, { json: { state: to } });
  await state('disabled');
  for (const ask of [preview, erase]) refused(await ask(own, own.id), 409, 'error.office.erase_own_last');
  await state('active');
  const { id } = (await erase(own, own.id)).json, back = await site.anyone().call('POST', '/api/session', { json: { mail: first.mail, password: first.password } });
  await site.client({ cookie: cookieOf(back) }).ok('POST', `/api/acts/${id}/approval`);
  assert.equal((await own.call('GET', '/api/session')).status, 401, 'who asks for the own erasure is out');
});

test('one asks, and nothing is gone yet; the person does not decide', async () => {
  const held = await erase(one);
  assert.equal(held.status, 202, held.text);
  refused(await gone.call('POST', `/api/acts/${held.json.id}/approval`), 403);
  refused(await one.call('POST', `/api/acts/${held.json.id}/approval`), 403);
  assert.equal((await gone.get('/api/session')).person.name, NAME);
  const [act] = (await two.get('/api/acts')).items;
  assert.deepEqual([act.act, act.subject], ['person_erase', NAME]);
  await two.ok('DELETE', `/api/acts/${held.json.id}`);
});

test('the second lets it happen: out at once, unnamed in every answer, found by nobody', async () => {
  const { id } = (await erase(one)).json;
  await two.ok('POST', `/api/acts/${id}/approval`);
  assert.equal((await gone.call('GET', '/api/session')).status, 401);
  refused(await site.anyone().call('POST', '/api/session', { json: { mail: MAIL, password: gone.password } }), 401);
  for (const who of [desk, one, colleague]) {
    const p = (await persons(who)).find((x) => x.id === gone.id);
    assert.deepEqual([p.name, p.mail, p.phone, p.state, p.roles, p.erased], [null, null, null, 'disabled', [], true]);
    for (const q of ['Unmistakable', 'zarqa', MAIL]) assert.deepEqual((await who.get(`/api/search?q=${encodeURIComponent(q)}`)).items, []);
  }
  const acted = await desk.all('/api/ledger');
  assert.ok(acted.some((e) => e.type === 'person.erased'));
  assert.ok(acted.findIndex((e) => e.id === mark) > 0, 'what stood before stands');
  holdsNone(Buffer.from(JSON.stringify([acted, await persons(desk), await two.get('/api/acts')])), 'an answer');
});

test('nothing brings the person back; the address is free', async () => {
  const p = (await persons(desk)).find((x) => x.id === gone.id);
  refused(await desk.call('PATCH', `/api/people/${gone.id}`, { json: { state: 'active' }, ifMatch: `"v${p.version}"` }), 409, 'error.office.person_erased');
  refused(await desk.call('POST', `/api/people/${gone.id}/invitation`), 409);
  for (const ask of [preview, erase]) refused(await ask(one), 409, 'error.office.person_erased');
  const again = await site.person(org, MAIL, { name: 'Somebody else', roles: ['reader'] });
  const held = await erase(one, again.id);
  await two.ok('POST', `/api/acts/${held.json.id}/approval`);
  const cli = await site.cli(['user', 'ls', '--json']);
  assert.equal(cli.code, 0, cli.err);
  const before_ = await site.cli(['user', 'erase-preview', colleague.id, '--json']);
  assert.ok(before_.json.goes.length > 3, before_.err);
});

test('no table holds it, no file of the store, and the ledger verifies', async () => {
  await site.stop();
  holdsNone(dumped('minar_live', path.join(site.dir, 'realm/live/records.db')), 'the dump');
  for (const f of files(site.dir)) holdsNone(readFileSync(f), f);
  const verified = await site.cli(['verify']);
  assert.equal(verified.code, 0, verified.err);
  await site.start();
});

test('a backup of before gives none of it either, once another one was made', async () => {
  const backups = path.join(outside, 'backups'), to = path.join(outside, 'before');
  const made = await site.cli(['backup', backups, '--json']);
  assert.equal(made.code, 0, made.err);
  const [oldest] = readdirSync(path.join(backups, 'manifests')).sort();
  const beside = path.join(outside, 'settings.yaml');
  if (ON_PG) writeFileSync(beside, `listen: "127.0.0.1:${site.port}"\nstore:\n  url: ${JSON.stringify(site.database.url)}\n  schema: minar_before\n`);
  const r = await site.cli(['restore', backups, '--at', oldest, '--to', to, ...(ON_PG ? ['--settings', beside] : [])]);
  assert.equal(r.code, 0, r.err);
  const text = dumped('minar_before_live', path.join(to, 'realm/live/records.db'));
  assert.ok(text.length > 10000);
  // The name of a view is no person's data: in a backup of before it stands as it stood.
  holdsNone(Buffer.from(text.toString('latin1').replaceAll(VIEW, ''), 'latin1'), 'the restored dump');
});
