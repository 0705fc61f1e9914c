// Walk: who saw a finding and a notice. Reads from outside the owner and above AMBER are noted before
// they are answered; the owner hears of others by organisation and of its own by name; nobody else hears
// that there is a list; the ledger proves it later.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
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
