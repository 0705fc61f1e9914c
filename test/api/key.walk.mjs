// Keys for programs: limited to some permissions, renewed without a gap, ended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, refused } from './site.mjs';

let site, desk, org, who;
before(async () => {
  site = await Site.open();
  desk = site.desk;
  org = (await site.org('MOF')).id;
  who = await site.person(org, 'focal@mof.example');
});
after(() => site.close());

const by = (secret) => site.client({ key: secret });
const standing = async (secret) => (await by(secret).call('GET', '/api/session')).status;

test('a key that is limited does that, and nothing else of its person', async () => {
  const made = await who.post('/api/keys', { name: 'poller', access: 'read', scope: 'event.read  finding.read' });
  const key = by(made.secret);
  assert.deepEqual((await key.get('/api/session')).permissions.sort(), ['event.read', 'finding.read', 'session.read']);
  assert.equal((await key.call('GET', '/api/findings')).status, 200);
  for (const target of ['/api/notices', '/api/people', '/api/keys', '/api/ledger', '/api/organisations']) {
    const a = await key.call('GET', target);
    refused(a, 403);
    assert.equal(a.json.code, 'error.access.key_scope', target);
  }
  assert.equal((await who.get('/api/keys')).items[0].scope, 'event.read  finding.read');
});

test('a limit is a part of one\'s own rights, in words that exist', async () => {
  for (const [scope, status] of [['event.reed', 422], ['event.read realm.write', 403], ['feed.write', 403]]) {
    const a = await who.call('POST', '/api/keys', { json: { name: 'x', access: 'write', scope } });
    refused(a, status);
    assert.equal(a.json.pointer, '/scope', scope);
  }
});

test('a limited key makes none that is wider, where keys may make keys at all', async () => {
  const realm = await desk.post('/api/realms', { name: 'demo', kind: 'demo' });
  const there = by(realm.key);
  const { secret } = await there.post('/api/keys', { name: 'maker', access: 'write', scope: 'key.write key.read' });
  for (const scope of [undefined, '', 'event.read', 'key.write event.read']) refused(await by(secret).call('POST', '/api/keys', { json: { name: 'x', access: 'write', scope } }), 403);
  assert.equal((await by(secret).call('POST', '/api/keys', { json: { name: 'x', access: 'read', scope: 'key.read' } })).status, 201);
  await desk.ok('DELETE', '/api/realms/demo');
});

test('a renewed key: both secrets for a day, then two renewals later the first is over', async () => {
  const first = await who.post('/api/keys', { name: 'siem', access: 'read', days: 5, scope: 'event.read' });
  const renew = () => who.ok('POST', `/api/keys/${first.id}/secret`, {}, 201);
  const second = await renew();
  assert.notEqual(second.secret, first.secret);
  assert.ok(Date.parse(second.expires) > Date.now() + 80 * 86400e3);
  assert.deepEqual([await standing(first.secret), await standing(second.secret)], [200, 200]);
  refused(await by(second.secret).call('GET', '/api/notices'), 403); // the limit stays
  const third = await renew();
  assert.deepEqual([await standing(first.secret), await standing(second.secret), await standing(third.secret)], [401, 200, 200]);
  assert.equal((await who.get('/api/keys')).items.filter((k) => k.name === 'siem').length, 1);
  await who.ok('DELETE', `/api/keys/${first.id}`);
  assert.deepEqual([await standing(second.secret), await standing(third.secret)], [401, 401]);
  refused(await who.call('POST', `/api/keys/${first.id}/secret`), 409);
  assert.ok((await who.all('/api/ledger')).some((e) => e.type === 'api_key.renewed'));
});

test('nobody renews a key of somebody else', async () => {
  const mine = await who.post('/api/keys', { name: 'mine', access: 'read' });
  const colleague = await site.person(org, 'second@mof.example');
  assert.ok([403, 404].includes((await colleague.call('POST', `/api/keys/${mine.id}/secret`)).status));
  assert.ok([403, 404].includes((await desk.call('POST', `/api/keys/${mine.id}/secret`)).status));
  assert.equal(await standing(mine.secret), 200);
});
