// Breaking glass: a bank's administrator asks to read one finding of a ministry. Two others let it happen,
// one of them of the national desk; the ministry is told at once and may close it; nothing on the way says
// whether there is such a thing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { sleep } from './harness.mjs';
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
const tasks = async (who) => (await who.get('/api/tasks')).items;
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

test('the list says who let it happen; whose it is, to those alone who may read it', async () => {
  const [mine] = await grants(asker);
  assert.deepEqual(mine.approved_by.map((p) => p.name).sort(), ['P officer@cert.example', 'P second@bnk.example']);
  assert.equal(mine.whose.id, w.MOX);
  assert.equal(grant.whose.id, w.MOX);
  assert.equal((await grants(bank2))[0].whose, undefined, 'a yes opens nothing to who gave it');
  assert.deepEqual([mine.ended, mine.ended_by], [undefined, undefined]);
});

test('the portal of the owner tells it until somebody there says that they know', async () => {
  const second = await site.person(w.MOX, 'second@mox.example', { roles: ['reader', 'analyst', 'org_admin'] });
  const [task] = await tasks(w.mox);
  assert.deepEqual([task.kind, task.path], ['glass', `/glass/${grant.id}`]);
  assert.match(task.words, /asker@bnk.*وجہ پڑھیں/, 'in the reader\'s language');
  assert.ok(!task.words.includes(WHY));
  for (const who of [asker, bank2, officer]) {
    assert.equal((await tasks(who)).length, 0);
    refused(await who.call('POST', `/api/tasks/${task.id}/done`), 404);
  }
  const analyst = await site.person(w.MOX, 'analyst@mox.example', { roles: ['reader', 'analyst'] });
  refused(await analyst.call('GET', '/api/tasks'), 403);
  refused(await analyst.call('POST', `/api/tasks/${task.id}/done`), 403);
  assert.equal((await tasks(second)).length, 1);
  await second.ok('POST', `/api/tasks/${task.id}/done`);
  assert.equal((await tasks(w.mox)).length, 0);
  refused(await w.mox.call('POST', `/api/tasks/${task.id}/done`), 404);
  const entry = (await w.mox.all('/api/ledger')).find((e) => e.type === 'task.done');
  assert.equal(entry.subject, task.id);
  assert.match(entry.who, /^P second@mox\.example/);
});

test('streams: an opened thing is read, not followed', async () => {
  const [theirs, ours] = [asker.stream(), w.mox.stream()];
  await Promise.all([theirs.ready, ours.ready]);
  await w.mox.ok('POST', `/api/findings/${thing}/answer`, { json: { answer: 'fixed' } });
  await ours.until('the owner hears of the answer', (e) => e.subject === thing && e.type === 'finding.answered');
  const later = await asker.post('/api/keys', { name: 'later', access: 'read' });
  await theirs.until('the asker hears of the own key', (e) => e.type === 'api_key.created' && e.subject === later.id);
  assert.deepEqual(theirs.events.filter((e) => e.subject === thing), [], 'and had not heard of the answer before');
  assert.equal((await asker.get(`/api/findings/${thing}`)).state, 'fixed', 'though it may be read');
  for (const s of [theirs, ours]) s.close();
});

test('the owner closes it: at once, once, written down; the streams of owner and national desk tell it, no other does', async () => {
  const heard = [w.mox, officer].map((p) => p.stream()), deaf = [asker, bank2].map((p) => p.stream());
  await Promise.all([...heard, ...deaf].map((s) => s.ready));
  await w.mox.ok('DELETE', `/api/glass/${grant.id}`);
  const ended = (e) => e.type === 'glass.ended' && e.subject === grant.id;
  for (const s of heard) await s.until('the end is told', ended);
  for (const [i, s] of deaf.entries()) {
    const own = await [asker, bank2][i].post('/api/keys', { name: 'after', access: 'read' });
    await s.until('the stream goes on', (e) => e.subject === own.id);
    assert.ok(!s.over && !s.events.some(ended));
  }
  for (const s of [...heard, ...deaf]) s.close();
  assert.equal(await sees(asker), false);
  refused(await w.mox.call('DELETE', `/api/glass/${grant.id}`), 409);
  assert.equal((await grants(w.mox))[0].open, false);
  const [closed] = await grants(w.mox);
  assert.ok(closed.ended >= closed.created && closed.ended_by === 'عائشہ خان', JSON.stringify(closed));
  assert.equal((await grants(asker))[0].whose, undefined, 'who may not read any more hears no more of it');
  assert.equal((await w.mox.all('/api/ledger')).filter((e) => e.type === 'glass.ended' && e.subject === grant.id).length, 1);
});

test('an analyst sees the own act that waits and takes it back, and sees and decides no other', async () => {
  const [one, two] = await Promise.all(['one', 'two'].map((n) => site.person(w.BNK, `analyst.${n}@bnk.example`, { roles: ['reader', 'analyst'] })));
  const { id } = (await ask(one)).json, other = (await ask()).json.id;
  assert.deepEqual((await one.get('/api/acts')).items.map((a) => [a.id, a.mine]), [[id, true]]);
  assert.deepEqual((await two.get('/api/acts')).items, []);
  refused(await two.call('DELETE', `/api/acts/${id}`), 404);
  refused(await two.call('POST', `/api/acts/${id}/approval`), 403);
  refused(await one.call('DELETE', `/api/acts/${other}`), 404);
  await one.ok('DELETE', `/api/acts/${id}`);
  assert.deepEqual((await one.get('/api/acts')).items, []);
  refused(await bank2.call('POST', `/api/acts/${id}/approval`), 404);
  assert.ok((await asker.get('/api/acts')).items.some((a) => a.id === other), 'the other one waits still');
  await asker.ok('DELETE', `/api/acts/${other}`);
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

test('the end by time stands in the ledger when the time is over, by the realm\'s clock, whether anybody asks or not', async () => {
  const { key } = await desk.post('/api/realms', { name: 'time', kind: 'demo' });
  const there = site.client({ key }), home = (await there.get('/api/session')).org.id;
  const as = async (name) => {
    const p = await there.post('/api/people', { name, mail: `${name}@cert.example`, org: home, roles: ['reader', 'coordinator', 'org_admin'], contact_role: 'none' });
    await there.ok('PATCH', `/api/people/${p.id}`, { json: { state: 'active' } });
    return site.client({ key: (await there.post('/api/keys', { name, access: 'write', person: p.id })).secret });
  };
  const [one, two, three] = [await as('one'), await as('two'), await as('three')];
  const at = Date.now(), clock = (minutes) => there.ok('PUT', '/api/realm/clock', { json: { now: new Date(at + minutes * 60000).toISOString(), frozen: true } });
  const ends = async () => (await there.all('/api/ledger')).filter((e) => e.type === 'glass.ended');
  await clock(0);
  const { id } = (await ask(one, about(randomUUID()))).json;
  await yes(two, id);
  await yes(three, id);
  const [open] = await grants(one);
  assert.equal(open.open, true);
  await clock(59);
  await sleep(2500);
  assert.deepEqual(await ends(), [], 'not before its time');
  await clock(60);
  const [end] = await poll('the end is written down', async () => ((await ends()).length ? ends() : null), 5000);
  assert.equal(end.subject, open.id);
  assert.equal(Date.parse(end.at), at + 60 * 60000);
  const [over] = await grants(one);
  assert.deepEqual([over.open, Date.parse(over.ended), over.ended_by, over.may_end], [false, at + 60 * 60000, undefined, false]);
  await sleep(1500);
  assert.equal((await ends()).length, 1, 'once');
  await desk.ok('DELETE', '/api/realms/time');
});
