// Acts of two persons: a lost authenticator is ended by one who asks and another who agrees. And rights:
// whoever gives, changes or hands out a way in holds the rights of that person (all roles x all routes).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addAuthenticator } from './authenticator.mjs';
import { Site, refused } from './site.mjs';

const ROLES = ['reader', 'analyst', 'org_admin', 'coordinator', 'auditor', 'admin'];
let site, desk, home, org, lost, one, two, other;

before(async () => {
  site = await Site.open();
  desk = site.desk;
  home = (await desk.get('/api/session')).org.id;
  org = (await site.org('MOF')).id;
  const admins = { roles: ['reader', 'analyst', 'org_admin'] };
  // The desk owns the entries of those whom it adds; who may change them stands in its organisation.
  [lost, one, two] = await Promise.all(['lost', 'one', 'two'].map((n) => site.person(home, `${n}@cert.example`, { roles: ['reader', 'coordinator', 'org_admin'] })));
  other = await site.person(org, 'other@mof.example', admins);
  await addAuthenticator(lost);
});
after(() => site.close());

const ask = (by = one) => by.call('DELETE', `/api/people/${lost.id}/factor`);
const waiting = async (who) => (await who.get('/api/acts')).items;
const types = async () => (await desk.all('/api/ledger')).map((e) => e.type);

test('one asks, and nothing happens yet', async () => {
  const a = await ask();
  assert.equal(a.status, 202, a.text);
  assert.equal(a.json.state, 'held');
  assert.equal((await lost.get('/api/session')).factor, 'totp');
  const [mine] = await waiting(one), [theirs] = await waiting(two);
  assert.deepEqual([mine.mine, theirs.mine, theirs.act], [true, false, 'person_factor_end']);
  assert.match(theirs.asker, /one@cert/);
  assert.match(theirs.subject, /lost@cert/);
  assert.ok((await types()).includes('act.asked'));
});

test('neither the asker, nor whom it is about, nor another organisation decides', async () => {
  const [{ id }] = await waiting(one);
  refused(await one.call('POST', `/api/acts/${id}/approval`), 403);
  refused(await lost.call('POST', `/api/acts/${id}/approval`), 403);
  assert.equal((await waiting(other)).length, 0);
  for (const [method, target] of [['POST', `/api/acts/${id}/approval`], ['DELETE', `/api/acts/${id}`]]) refused(await other.call(method, target), 404);
  assert.equal((await lost.get('/api/session')).factor, 'totp');
});

test('it is taken back, refused, and asked again', async () => {
  let [{ id }] = await waiting(one);
  await one.ok('DELETE', `/api/acts/${id}`);
  refused(await two.call('POST', `/api/acts/${id}/approval`), 404);
  await ask();
  [{ id }] = await waiting(one);
  await two.ok('DELETE', `/api/acts/${id}`);
  assert.equal((await waiting(one)).length, 0);
  const seen = await types();
  assert.ok(seen.includes('act.withdrawn') && seen.includes('act.refused'));
});

test('two at once agree: it happens once; the person is out and comes back by the one link alone', async () => {
  await ask();
  const [{ id }] = await waiting(two);
  const third = await site.person(home, 'third@cert.example', { roles: ['reader', 'coordinator', 'org_admin'] });
  const both = await Promise.all([two, third].map((p) => p.call('POST', `/api/acts/${id}/approval`)));
  assert.deepEqual(both.map((a) => a.status < 300).sort(), [false, true], both.map((a) => a.text).join());
  assert.equal((await lost.call('GET', '/api/session')).status, 401);
  const { link } = both.find((a) => a.status < 300).json;
  const enter = (password) => site.anyone().call('POST', '/api/session', { json: { mail: 'lost@cert.example', password } });
  assert.equal((await enter(lost.password)).status, 401, 'the earlier password is over');
  assert.match((await site.open(link)).text, /Come back/);
  const back = await site.enter(link, { password: 'quite another one here', again: 'quite another one here' });
  assert.equal((await back.get('/api/session')).factor, 'none');
  assert.equal((await site.press(link, { password: 'a third one for it', again: 'a third one for it' })).status, 404, 'once');
  assert.equal((await enter('quite another one here')).status, 200);
  assert.ok((await types()).includes('person.returned'));
  const seen = await types();
  assert.ok(seen.includes('act.approved') && seen.includes('person.factor_ended'));
});

test('the asker\'s rights count when it happens, not when it was asked', async () => {
  const asker = await site.person(home, 'leaves@cert.example', { roles: ['reader', 'coordinator', 'org_admin'] });
  const lost2 = await site.person(home, 'lost2@cert.example', { roles: ['reader'] });
  await addAuthenticator(lost2);
  const { id } = (await asker.call('DELETE', `/api/people/${lost2.id}/factor`)).json;
  const p = (await desk.all('/api/people')).find((x) => x.id === asker.id);
  await desk.ok('PATCH', `/api/people/${asker.id}`, { json: { roles: ['reader'] }, ifMatch: `"v${p.version}"` });
  refused(await two.call('POST', `/api/acts/${id}/approval`), 403);
  await desk.ok('PATCH', `/api/people/${asker.id}`, { json: { state: 'disabled' } });
  refused(await two.call('POST', `/api/acts/${id}/approval`), 409);
  assert.equal((await lost2.get('/api/session')).factor, 'totp', 'all stays as it was');
  assert.equal((await waiting(two)).filter((a) => a.id === id).length, 1);
});

test('what would be refused is refused when it is asked, and nobody hears of it', async () => {
  const before = (await waiting(two)).length, entries = (await types()).filter((t) => t === 'act.asked').length;
  refused(await one.call('DELETE', `/api/people/${two.id}/factor`), 404);
  refused(await other.call('DELETE', `/api/people/${lost.id}/factor`), 404);
  assert.equal((await waiting(two)).length, before);
  assert.equal((await types()).filter((t) => t === 'act.asked').length, entries);
});

test('what another act has done meanwhile fails when it is approved, and goes on waiting', async () => {
  const lost3 = await site.person(home, 'lost3@cert.example', { roles: ['reader'] });
  await addAuthenticator(lost3);
  const asked = [await one.call('DELETE', `/api/people/${lost3.id}/factor`), await two.call('DELETE', `/api/people/${lost3.id}/factor`)];
  assert.deepEqual(asked.map((a) => a.status), [202, 202]);
  await two.ok('POST', `/api/acts/${asked[0].json.id}/approval`);
  refused(await one.call('POST', `/api/acts/${asked[1].json.id}/approval`), 404);
  await two.ok('DELETE', `/api/acts/${asked[1].json.id}`);
});

test('rights given are a subset of one\'s own: every role, by every route that gives a way in', async () => {
  const targets = {};
  for (const role of ROLES) targets[role] = (await desk.post('/api/people', { name: role, mail: `target-${role}@cert.example`, org: home, roles: [role], ...(role === 'auditor' ? { roles_until: new Date(Date.now() + 30 * 86400e3).toISOString() } : {}) })).id;
  for (const mine of [['org_admin'], ['coordinator'], ['admin'], ['org_admin', 'analyst', 'reader']]) {
    const by = await site.person(home, `by-${mine.join('-')}@cert.example`, { roles: mine });
    for (const role of ROLES) {
      const may = role === 'reader' || mine.includes(role), id = targets[role];
      const expect = (a, what) => assert.equal(a.status < 300, may, `${mine} ${what} ${role}: ${a.status} ${a.text}`);
      expect(await by.call('POST', '/api/people', { json: { name: 'x', mail: `${mine.join('-')}-${role}@new.example`, org: home, roles: [role] } }), 'creates');
      expect(await by.call('PATCH', `/api/people/${targets.reader}`, { json: { roles: [role] } }), 'makes of a reader');
      await desk.ok('PATCH', `/api/people/${targets.reader}`, { json: { roles: ['reader'] } });
      expect(await by.call('PATCH', `/api/people/${id}`, { json: { phone: '+92 51 1' } }), 'changes');
      expect(await by.call('POST', `/api/people/${id}/invitation`), 'invites');
    }
  }
});
