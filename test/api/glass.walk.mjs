// Breaking glass: a bank's administrator asks to read one finding of a ministry. Two others let it happen,
// one of them of the national desk; the ministry is told at once and may close it; nothing on the way says
// whether there is such a thing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, desk, w, box, asker, bank2, officer, thing, grant;
const WHY = 'their officer does not answer and the attack is running';
const about = (record = thing, more = {}) => ({ kind: 'finding', record, reason: WHY, minutes: 60, ...more });
const ask = (by = asker, json = about()) => by.call('POST', '/api/glass', { json });
const yes = (by, id) => by.call('POST', `/api/acts/${id}/approval`);
const sees = async (who, id = thing) => {
  const a = await who.call('GET', `/api/findings/${id}`);
  if (a.status !== 200 && a.status !== 404) assert.fail(a.text);
  return a.status === 200;
};
const grants = async (who) => (await who.get('/api/glass')).items;

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box) } });
  desk = site.desk;
  w = await populate(site);
  const home = (await desk.get('/api/session')).org.id, admin = { roles: ['reader', 'analyst', 'org_admin'] };
  asker = await site.person(w.BNK, 'asker@bnk.example', admin);
  bank2 = await site.person(w.BNK, 'second@bnk.example', admin);
  officer = await site.person(home, 'officer@cert.example', { roles: ['reader', 'coordinator'], lang: 'ur' });
  await w.give([['198.18.4.10']]);
  thing = (await poll('the finding', async () => (await w.mox.get('/api/findings')).items[0])).id;
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('asking is answered alike whether there is such a thing or not, and needs a reason and an end', async () => {
  assert.equal(await sees(asker), false);
  const real = await ask(), none = await ask(asker, about(randomUUID()));
  assert.deepEqual([real.status, none.status], [202, 202]);
  assert.deepEqual(Object.keys(real.json), Object.keys(none.json));
  assert.equal(real.text.length, none.text.length);
  refused(await ask(asker, about(thing, { minutes: 1441 })), 422);
  refused(await ask(asker, about(thing, { reason: 'x' })), 422);
  refused(await ask(asker, about(thing, { kind: 'person' })), 422);
  for (const { id } of (await asker.get('/api/acts')).items) await asker.ok('DELETE', `/api/acts/${id}`);
});

test('two of the bank are not enough: one of the two is of the national desk', async () => {
  const bank3 = await site.person(w.BNK, 'third@bnk.example', { roles: ['reader', 'analyst', 'org_admin'] });
  const { id } = (await ask()).json;
  refused(await yes(asker, id), 403);
  assert.deepEqual((await yes(bank2, id)).json, { state: 'waiting' });
  assert.equal(await sees(asker), false, 'one yes opens nothing');
  refused(await yes(bank2, id), 409, 'error.api.act_yours');
  refused(await yes(bank3, id), 403, 'error.api.act_national');
  assert.equal(await sees(asker), false);
  const [act] = (await officer.get('/api/acts')).items;
  assert.deepEqual([act.given, act.needed, act.decided, act.glass.record, act.glass.reason], [1, 2, false, thing, WHY]);
  assert.equal((await w.mox.get('/api/acts')).items.length, 0);
  const done = await yes(officer, id);
  assert.equal(done.status, 200, done.text);
  assert.equal(await sees(asker), true, 'opened at once');
  assert.equal(await sees(bank2), false, 'to nobody else');
});

test('a grant opens reading alone', async () => {
  refused(await asker.call('POST', `/api/findings/${thing}/answer`, { json: { answer: 'fixed' } }), 403);
});

test('the owner is told at once, by mail without content and in the portal with the reason', async () => {
  const mail = await poll('the mail', () => box.to('focal@mox.example').find((m) => JSON.stringify(m).includes('/glass')));
  const text = JSON.stringify(mail);
  assert.ok(text.includes(thing) && text.includes('asker@bnk'), text);
  assert.ok(!text.includes('does not answer'), 'the reason may be content');
  [grant] = await grants(w.mox);
  assert.deepEqual([grant.record, grant.reason, grant.open, grant.owned, grant.may_end], [thing, WHY, true, true, true]);
  assert.match(grant.by, /asker@bnk/);
  const ledger = await w.mox.all('/api/ledger');
  assert.ok(ledger.some((e) => e.type === 'glass.opened'));
  for (const who of [asker, bank2, officer]) assert.equal((await grants(who)).length, 1);
  const other = await site.person((await site.org('OTH')).id, 'other@oth.example', { roles: ['reader', 'analyst', 'org_admin'] });
  assert.equal((await grants(other)).length, 0);
  refused(await other.call('DELETE', `/api/glass/${grant.id}`), 404);
});

test('the owner closes it: at once, once, written down, and an open stream begins again', async () => {
  const stream = asker.stream();
  await stream.ready;
  await w.mox.ok('DELETE', `/api/glass/${grant.id}`);
  assert.equal(await sees(asker), false);
  refused(await w.mox.call('DELETE', `/api/glass/${grant.id}`), 409);
  assert.equal((await grants(w.mox))[0].open, false);
  assert.ok((await w.mox.all('/api/ledger')).some((e) => e.type === 'glass.ended'));
  await poll('the stream hears of other rights', () => stream.over || stream.words.includes('again') || stream.lastId, 5000);
  stream.close();
});

test('a grant for what is not there: the two answers are the same, and it opens nothing', async () => {
  const nothing = randomUUID();
  const { id } = (await ask(asker, about(nothing))).json;
  assert.deepEqual((await yes(bank2, id)).json, { state: 'waiting' });
  const done = await yes(officer, id);
  assert.deepEqual([done.status, done.json], [200, {}]);
  assert.equal(await sees(asker, nothing), false);
  assert.equal((await grants(asker))[0].record, nothing);
  assert.equal((await grants(w.mox)).length, 1, 'it is nobody\'s');
});

test('a yes of somebody who has lost the right since does not count', async () => {
  const { id } = (await ask()).json;
  await yes(bank2, id);
  const p = (await desk.all('/api/people')).find((x) => x.id === bank2.id);
  await desk.ok('PATCH', `/api/people/${p.id}`, { json: { state: 'disabled' } });
  assert.deepEqual((await yes(officer, id)).json, { state: 'waiting' });
  assert.equal(await sees(asker), false);
});
