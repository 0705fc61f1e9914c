// Walk: who saw a finding and a notice. Reads from outside the owner and above AMBER are noted before
// they are answered; the owner hears of others by organisation and of its own by name; nobody else hears
// that there is a list; the ledger proves it later.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, cookieOf, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000';
let site, desk, w, notice, finding;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  await w.give([['198.18.4.10'], ['198.18.64.20']]);
  notice = await poll('a notice that left', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  [finding] = (await w.mox.get('/api/findings')).items;
});
after(() => site.close());

const keys = (o) => o.organisations.map((x) => [x.org?.key, x.own, x.people, x.times]);

test('a list shows nothing of a single thing, and is not noted', async () => {
  assert.deepEqual((await w.mox.get(`/api/findings/${finding.id}/saw`)).organisations, []);
});

test('the owner hears of others by organisation, and of its own people by name', async () => {
  await w.mox.get(`/api/notices/${notice.id}`);
  await w.mox.get(`/api/notices/${notice.id}`);
  const saw = await desk.get(`/api/notices/${notice.id}/saw`);
  assert.deepEqual(keys(saw), [['MOX', false, 1, 2]]);
  assert.deepEqual(saw.people, [], 'none of the desk has read it');
  assert.ok(!JSON.stringify(saw).includes('عائشہ'), "another organisation's people are not named");
  assert.ok(Math.abs(Date.now() - Date.parse(saw.organisations[0].last)) < 60e3);

  await desk.get(`/api/findings/${finding.id}`);
  await w.mox.get(`/api/findings/${finding.id}`);
  const mine = await w.mox.get(`/api/findings/${finding.id}/saw`);
  assert.deepEqual(keys(mine).sort(), [['CERT', false, 1, 1], ['MOX', true, 1, 1]].sort());
  assert.deepEqual(mine.people.map((p) => [p.name, p.how, p.times]), [['عائشہ خان', 'session', 1]]);
});

test('a key is told from a session', async () => {
  const { secret } = await w.mox.post('/api/keys', { name: 'siem', access: 'read' });
  await site.client({ key: secret }).get(`/api/findings/${finding.id}`);
  const mine = await w.mox.get(`/api/findings/${finding.id}/saw`);
  assert.deepEqual(mine.people.map((p) => p.how).sort(), ['key', 'session']);
});

test('to everybody else the list is not there, in the words of what is not there', async () => {
  const absent = await w.bnk.call('GET', `/api/findings/${ABSENT}/saw`);
  for (const [who, path] of [[w.bnk, `/api/findings/${finding.id}/saw`], [desk, `/api/findings/${finding.id}/saw`], [w.mox, `/api/notices/${notice.id}/saw`], [w.bnk, `/api/notices/${notice.id}/saw`]]) {
    const r = await who.call('GET', path);
    assert.equal(r.status, 404, path);
    assert.equal(r.json.code, absent.json.code);
  }
  const reader = await site.person(w.MOX, 'reader@mox.example', { roles: ['reader'], lang: 'en' });
  refused(await reader.call('GET', `/api/findings/${finding.id}/saw`), 403);
  refused(await w.mox.call('GET', '/api/reads'), 403);
});

test('what was unseen is not noted', async () => {
  assert.equal((await w.bnk.call('GET', `/api/findings/${finding.id}`)).status, 404);
  const mine = await w.mox.get(`/api/findings/${finding.id}/saw`);
  assert.ok(!keys(mine).some(([k]) => k === 'BNK'));
});

test('the auditor sees the day; proving holds the notes', async () => {
  const { items } = await desk.get('/api/reads');
  assert.equal(items.length, 1);
  assert.equal(items[0].state, 'open');
  assert.match(items[0].digest, /^[0-9a-f]{64}$/);
  const proof = await desk.ok('POST', '/api/ledger/verify');
  assert.equal(proof.reads, items[0].notes);
  assert.ok(proof.reads >= 5, `${proof.reads}`);
});

test('a refusal says what is missing and who can give it, in words of the table', async () => {
  const reader = await site.person(w.MOX, 'reader2@mox.example', { roles: ['reader'], lang: 'en' });
  const r = await reader.call('GET', `/api/findings/${finding.id}/saw`);
  assert.deepEqual(r.json.missing, { what: 'role', permission: 'reads.read', roles: ['analyst', 'org_admin', 'coordinator'] });
  const n = await w.mox.call('GET', '/api/feeds');
  assert.deepEqual([n.json.missing.what, n.json.missing.permission], ['national', 'feed.read']);
  const gone = await w.bnk.call('GET', `/api/findings/${finding.id}`);
  assert.equal(gone.json.missing, undefined, 'of what is unseen nothing is told');
  const rights = await reader.get('/api/session/rights');
  assert.deepEqual(rights.roles.map((x) => x.role), ['reader']);
  assert.ok(rights.keepers.some((k) => k.id === w.mox.id), JSON.stringify(rights.keepers));
  assert.ok(!rights.keepers.some((k) => k.id === w.bnk.id));
  assert.equal(rights.sessions, 1);
  const { secret } = await w.mox.post('/api/keys', { name: 'narrow', access: 'read', scope: 'finding.read' });
  const key = site.client({ key: secret });
  assert.equal((await key.call('GET', '/api/notices')).json.missing.what, 'scope');
});

test('a preview says what the change then does', async () => {
  const { id, link } = await w.mox.post('/api/people', { name: 'Changing', mail: 'changing@mox.example', org: w.MOX, roles: ['reader'], lang: 'en' });
  const password = 'a sentence that only one knows';
  const one = Object.assign(site.client({ cookie: cookieOf(await site.press(link, { password, again: password })) }), { id });
  const before = (await one.get('/api/session')).permissions;
  const p = await w.mox.get(`/api/people/${one.id}/preview?roles=reader%20analyst`);
  assert.deepEqual(p.loses, []);
  const row = (await w.mox.all('/api/people')).find((x) => x.id === one.id);
  await w.mox.ok('PATCH', `/api/people/${one.id}`, { json: { roles: ['reader', 'analyst'] }, ifMatch: `"v${row.version}"` });
  const now = (await one.get('/api/session')).permissions;
  assert.deepEqual(now.filter((x) => !before.includes(x)).sort(), [...p.gains].sort());
  assert.ok(p.records_gained.includes('finding'));
  const back = await w.mox.get(`/api/people/${one.id}/preview?roles=reader`);
  assert.deepEqual([...back.loses].sort(), [...p.gains].sort());
  refused(await w.mox.call('GET', `/api/people/${one.id}/preview?roles=admin`), 403);
  assert.equal((await w.bnk.call('GET', `/api/people/${one.id}/preview?roles=reader`)).status, 404);
  assert.equal((await w.mox.call('GET', `/api/people/${one.id}/preview?roles=king`)).status, 422);
});

test('a key is previewed as it will be', async () => {
  const p = await w.mox.get('/api/keys/preview?access=read&scope=finding.read');
  const { secret } = await w.mox.post('/api/keys', { name: 'as previewed', access: 'read', scope: 'finding.read' });
  assert.deepEqual((await site.client({ key: secret }).get('/api/session')).permissions.sort(), [...p.may].sort());
  assert.ok(p.may_not.includes('notice.read') && p.records.length === 0);
  refused(await w.mox.call('GET', '/api/keys/preview?access=read&scope=feed.write'), 403);
});
