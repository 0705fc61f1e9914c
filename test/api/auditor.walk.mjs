// Roles that end by themselves. Any role may have an end, an auditor must; nobody gives one for longer than
// the own; its person is told before; at the minute the right is gone, then sessions, keys and the entry.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';

let site, desk, home, box;
const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const add = (by, name, body) => by.call('POST', '/api/people', { json: { name, mail: `${name}@cert.example`, org: home, contact_role: 'none', ...body } });
const one = async (id) => (await desk.all('/api/people')).find((p) => p.id === id);
const change = (by, id, json) => by.call('PATCH', `/api/people/${id}`, { json });

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box) } });
  desk = site.desk;
  home = (await desk.get('/api/session')).org.id;
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('an auditor without an end, or with one that is past or far, is refused in words', async () => {
  refused(await add(desk, 'a1', { roles: ['auditor'] }), 422, 'error.office.auditor_end');
  refused(await add(desk, 'a1', { roles: ['auditor'], roles_until: at(-5) }), 422, 'error.office.roles_until_past');
  refused(await add(desk, 'a1', { roles: ['auditor'], roles_until: at(367 * 86400) }), 422, 'error.office.auditor_long');
  refused(await add(desk, 'a1', { roles: [], roles_until: at(60) }), 422, 'error.office.roles_until_none');
  const reader = (await add(desk, 'a1', { roles: ['reader'] })).json.id;
  refused(await change(desk, reader, { roles: ['reader', 'auditor'] }), 422, 'error.office.auditor_end');
  assert.deepEqual((await one(reader)).roles, ['reader'], 'nothing of it was kept');
});

test('an auditor reads what an auditor may see and writes nothing; the end is shown to the person, in the list and in the ledger', async () => {
  const until = at(30 * 86400), who = await site.person(home, 'aud@cert.example', { contact_role: 'none', roles: ['auditor'], roles_until: until });
  const s = await who.get('/api/session');
  assert.deepEqual(s.role_ends, [{ role: 'auditor', until: s.role_ends[0].until }]);
  assert.equal(Date.parse(s.role_ends[0].until), Date.parse(until));
  assert.equal((await one(who.id)).role_ends[0].role, 'auditor');
  assert.ok((await who.get('/api/ledger')).items.length > 0);
  for (const target of ['/api/people', '/api/findings', '/api/notices', '/api/events', '/api/feeds', '/api/leaves']) refused(await who.call('GET', target), 403, 'error.access.role');
  refused(await who.call('POST', '/api/keys', { json: { name: 'k', access: 'read' } }), 403);
  refused(await add(who, 'a2', { roles: ['reader'] }), 403);
  assert.ok((await desk.all('/api/ledger')).some((e) => e.type === 'person.roles_limited' && e.subject === who.id));
});

test('any role may have an end; a role that has one gets the new one; a role taken away has none any more', async () => {
  const { id } = (await add(desk, 'b1', { roles: ['reader'] })).json;
  assert.deepEqual((await one(id)).role_ends, []);
  assert.equal((await change(desk, id, { roles: ['reader', 'analyst'], roles_until: at(86400) })).status, 200);
  assert.deepEqual((await one(id)).role_ends.map((e) => e.role), ['analyst'], 'the one there was has none');
  const longer = at(2 * 86400);
  assert.equal((await change(desk, id, { roles_until: longer })).status, 200);
  assert.equal(Date.parse((await one(id)).role_ends[0].until), Date.parse(longer));
  assert.equal((await change(desk, id, { roles: ['reader'] })).status, 200);
  assert.deepEqual((await one(id)).role_ends, []);
  refused(await change(desk, id, { roles_until: longer }), 422, 'error.office.roles_until_none');
});

test('nobody gives a role for longer than they have it', async () => {
  const until = at(5 * 86400), by = await site.person(home, 'brief@cert.example', { contact_role: 'none', roles: ['reader', 'coordinator'], roles_until: until });
  refused(await add(by, 'c1', { roles: ['coordinator'] }), 403, 'error.access.longer_than_own');
  refused(await add(by, 'c1', { roles: ['coordinator'], roles_until: at(6 * 86400) }), 403, 'error.access.longer_than_own');
  assert.equal((await add(by, 'c1', { roles: ['coordinator'], roles_until: until })).status, 201);
  refused(await change(by, by.id, { roles_until: at(9 * 86400) }), 403, 'error.access.longer_than_own');
});

test('told before, by mail in the person\'s language; at its time the right ends, then session, key and account', async () => {
  const until = at(15), who = await site.person(home, 'soon@cert.example', { contact_role: 'none', lang: 'ur', roles: ['auditor', 'analyst'], roles_until: until });
  const { secret } = await who.post('/api/keys', { name: 'siem', access: 'read' }), key = site.client({ key: secret });
  const m = await poll('the mail', () => box.to('soon@cert.example').find((x) => x.text.includes('/rights')));
  assert.match(m.text, /آڈیٹر|تجزیہ کار/);
  assert.match(m.html, /dir="rtl"/);
  assert.equal((await key.call('GET', '/api/findings')).status, 200);
  await poll('the right ends', async () => (await who.call('GET', '/api/ledger')).status !== 200, Date.parse(until) - Date.now() + 6000);
  assert.ok(Date.now() >= Date.parse(until) - 50, 'not before its time');
  assert.notEqual((await key.call('GET', '/api/findings')).status, 200);
  await poll('the session ends', async () => (await who.call('GET', '/api/session')).status === 401, 8000);
  await poll('the key ends', async () => (await key.call('GET', '/api/session')).status === 401, 8000);
  const p = await poll('the entry', async () => [await one(who.id)].find((x) => x.state === 'disabled'), 8000);
  assert.deepEqual([p.roles, p.role_ends], [[], []]);
  assert.equal((await desk.all('/api/ledger')).filter((e) => e.type === 'person.role_ended' && e.subject === who.id).length, 2);
  await poll('told that it is over', () => box.to('soon@cert.example').filter((x) => x.text.includes('/rights')).length === 4);
});

test('under an injected clock: told before, over at the minute; what had no end stays', async () => {
  const realm = await desk.post('/api/realms', { name: 'demo', kind: 'demo', now: '2030-01-01T00:00:00Z' });
  const there = site.client({ key: realm.key }), clock = (now) => there.ok('PUT', '/api/realm/clock', { json: { now, frozen: true } });
  await clock('2030-01-01T00:00:00Z');
  const { org: o } = await there.get('/api/session');
  const who = await site.person(o.id, 'x@x.example', { roles: ['reader'] }, there);
  await there.ok('PATCH', `/api/people/${who.id}`, { json: { roles: ['reader', 'auditor'], roles_until: '2030-03-01T00:00:00Z' } });
  const reads = async () => (await who.call('GET', '/api/ledger')).status;
  await clock('2030-02-28T23:59:59Z');
  assert.equal(await reads(), 200);
  await clock('2030-03-01T00:00:00Z');
  assert.ok([401, 403].includes(await reads()));
  await poll('it is written down', async () => (await there.all('/api/people')).find((p) => p.id === who.id).roles.join() === 'reader');
  assert.equal((await who.call('GET', '/api/session')).status, 401, 'sessions end with it');
  const p = (await there.all('/api/people')).find((x) => x.id === who.id);
  assert.deepEqual([p.state, p.role_ends], ['active', []]);
  assert.ok((await there.all('/api/ledger')).some((e) => e.type === 'person.role_ended'));
  assert.ok((await there.ok('POST', '/api/ledger/verify')).versions > 2);
  await desk.ok('DELETE', '/api/realms/demo');
});

test('the command line gives a role with an end', async () => {
  const { id } = (await add(desk, 'd1', { roles: ['reader'] })).json;
  const r = await site.cli(['user', 'set', id, '--roles', 'reader,auditor', '--roles-until', at(86400)]);
  assert.equal(r.code, 0, r.err);
  assert.deepEqual((await one(id)).role_ends.map((e) => e.role), ['auditor']);
});
