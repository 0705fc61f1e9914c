// Who may act is confirmed once a year. Each organisation is told thirty and seven days before its day and on
// it; its administrators, or those who administer it, confirm each, change, end, or say "all unchanged" of the
// very list that was shown; who is not confirmed is suspended after the grace, but for the last one to be
// reached, whom the national desk looks after. By the injected clock; mail under the live one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from './matrix_world.mjs';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';

let site, desk, there, home, box, org, other, focal, second, plain, robot, loner;
const START = Date.parse('2030-01-01T00:00:00Z'), day = (n) => new Date(START + n * 86400e3).toISOString().replace('.000', '');
const clock = async (n) => {
  const { now } = await there.ok('PUT', '/api/realm/clock', { json: { now: day(n), frozen: true } });
  assert.equal(Date.parse(now), Date.parse(day(n)));
};
const body = (by, id = org) => by.get(`/api/confirmations/${id}`);
const confirm = (by, list, people, id = org) => by.call('POST', `/api/confirmations/${id}`, { json: { list, ...(people ? { people } : {}) } });
const line = async (id = org, by = there) => (await by.all('/api/confirmations')).find((l) => l.org.id === id);
const types = async (type, by = there) => (await by.all('/api/ledger')).filter((e) => e.type === type);
const stateOf = async (id) => (await there.all('/api/people')).find((p) => p.id === id).state;
const staged = (what, fn) => poll(what, fn, 15000);

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), access: { recertify_days: 365, recertify_grace_days: 10 } } });
  desk = site.desk;
  const realm = await desk.post('/api/realms', { name: 'demo', kind: 'demo', now: day(0) });
  there = site.client({ key: realm.key });
  await clock(0);
  home = (await there.get('/api/session')).org.id;
  org = (await there.post('/api/organisations', { key: 'BNK', name_en: 'Bank of Examples', kind: 'bank' })).id;
  other = (await there.post('/api/organisations', { key: 'LON', name_en: 'Lonely Office', kind: 'authority' })).id;
  focal = await site.person(org, 'focal@bnk.example', {}, there);
  second = await site.person(org, 'second@bnk.example', { contact_role: 'focal' }, there);
  plain = await site.person(org, 'plain@bnk.example', { contact_role: 'none', roles: ['reader', 'analyst'] }, there);
  loner = await site.person(other, 'lone@lon.example', {}, there);
  const { secret, id } = await plain.post('/api/keys', { name: 'siem', access: 'read', days: 90 });
  robot = Object.assign(site.client({ key: secret }), { id });
  await staged('both are asked from now on', async () => (await line()) && (await line(other)));
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('quiet until thirty days before; who sees what', async () => {
  await clock(300);
  const l = await line();
  assert.deepEqual([l.state, l.due, l.opens, l.suspends, l.may, l.people], ['quiet', day(365), day(335), day(375), false, 3]);
  assert.deepEqual((await focal.all('/api/confirmations')).map((x) => x.org.key), ['BNK']);
  refused(await plain.call('GET', '/api/confirmations'), 403);
  refused(await focal.call('GET', `/api/confirmations/${other}`), 404);
  refused(await focal.call('GET', `/api/confirmations/${home}`), 404);
  const b = await body(focal);
  refused(await confirm(focal, b.list), 409, 'error.office.recert_early');
  assert.equal((await focal.get('/api/tasks')).items.length, 0);
});

test('opened: told in the portal; the list says who, as what, with which keys, when last here', async () => {
  await robot.get('/api/session');
  await clock(335);
  await staged('the task', async () => (await focal.get('/api/tasks')).items.some((t) => t.kind === 'recert'));
  const b = await body(focal);
  assert.deepEqual([b.line.state, b.line.unconfirmed, b.line.may], ['open', 3, true]);
  assert.deepEqual(b.people.map((p) => [p.name, p.confirmed, p.keys.length]), [['P focal@bnk.example', false, 0], ['P second@bnk.example', false, 0], ['P plain@bnk.example', false, 1]]);
  const [key] = b.people[2].keys;
  assert.equal(key.id, robot.id);
  await staged('its last use is known', async () => (await body(focal)).people[2].keys[0].used);
  assert.ok(b.people[0].last_seen);
  assert.deepEqual(b.groups, []);
  assert.equal((await types('recert.told')).length >= 2, true);
  assert.equal((await body(there)).people.length, 3, 'the national desk reads it too');
});

test('confirmed one by one; a change is a decision too; refused when the list has changed', async () => {
  const b = await body(focal);
  refused(await confirm(focal, '0'.repeat(64)), 409, 'error.office.recert_changed');
  refused(await confirm(focal, b.list, [loner.id]), 422, 'error.office.recert_person');
  assert.equal((await body(focal)).line.unconfirmed, 3, 'nothing of it was kept');
  assert.equal((await confirm(focal, b.list, [focal.id])).status, 200);
  assert.equal((await body(focal)).line.unconfirmed, 2);
  assert.equal((await types('person.recertified', focal)).length, 1);
  assert.equal((await focal.call('PATCH', `/api/people/${plain.id}`, { json: { phone: '+92 51 1' } })).status, 403, 'who added them changes them');
  assert.equal((await there.call('PATCH', `/api/people/${plain.id}`, { json: { roles: ['reader'] } })).status, 200);
  const after = await body(focal);
  assert.deepEqual(after.people.map((p) => p.confirmed), [true, false, true]);
  refused(await confirm(focal, b.list), 409, 'error.office.recert_changed');
});

test('all unchanged, of the list as shown: the next round begins', async () => {
  await clock(340);
  const b = await body(second);
  assert.equal((await confirm(second, b.list)).status, 200);
  const l = await line();
  assert.deepEqual([l.state, l.due, l.done, l.unconfirmed], ['quiet', day(340 + 365), day(340), 3]);
  assert.equal((await types('recert.done', focal)).length, 1);
  assert.equal((await focal.get('/api/tasks')).items.filter((t) => t.kind === 'recert').length, 0, 'and the task is done');
});

test('an organisation that says nothing: told three times, then late, then only its last person is left', async () => {
  const tells = async () => (await types('recert.told', loner)).length;
  const quiet = await site.person(other, 'quiet@lon.example', { contact_role: 'none', roles: ['reader'] }, there);
  await clock(341);
  assert.deepEqual((await types('recert.told', loner)).map((e) => e.at), [day(335)]);
  await clock(358);
  await staged('seven days before', async () => (await tells()) === 2);
  await clock(365);
  await staged('on the day', async () => (await tells()) === 3);
  assert.equal((await line(other)).state, 'late');
  assert.equal((await body(loner, other)).line.unconfirmed, 1, 'who was added within the thirty days was decided about');
  await clock(374);
  assert.equal((await loner.call('GET', '/api/session')).status, 200);
  await clock(375);
  await staged('suspended', async () => (await line(other)).state === 'suspended');
  const l = await line(other);
  assert.deepEqual([l.kept, l.unconfirmed, l.suspended], [true, 1, 0], 'the only focal person is kept');
  assert.equal(await stateOf(loner.id), 'active');
  assert.equal(await stateOf(quiet.id), 'active');
  assert.equal((await loner.call('GET', '/api/session')).status, 200);
  assert.equal((await types('recert.kept')).filter((e) => e.subject === other).length, 1);
  const sums = (await there.get('/api/confirmations')).sums;
  assert.deepEqual([sums.late, sums.kept], [1 + ((await line(home)).state === 'quiet' ? 0 : 1), 1 + ((await line(home)).kept ? 1 : 0)]);
  assert.ok((await there.get('/api/confirmations?state=late')).items.some((x) => x.org.id === other));
  assert.ok(!(await there.get('/api/confirmations?state=late')).items.some((x) => x.org.id === org));
  const b = await body(loner, other);
  assert.equal((await confirm(loner, b.list, undefined, other)).status, 200);
  assert.deepEqual([(await line(other)).state, (await line(other)).kept], ['quiet', false]);
});

test('the site is never left without who administers it', async () => {
  await clock(376);
  const l = await staged('nobody confirmed there either', async () => { const x = await line(home); return x.state === 'suspended' && x; });
  const who = await there.get('/api/session');
  assert.ok(l.kept);
  assert.ok(who.roles.includes('admin'));
  const b = await body(there, home);
  assert.equal((await confirm(there, b.list, undefined, home)).status, 200);
  assert.equal((await line(home)).state, 'quiet');
});

test('who was not confirmed is out, keys too, and is let back in from the list', async () => {
  const due = 340 + 365;
  const { secret } = await plain.call('POST', '/api/keys', { json: { name: 'k', access: 'read' } }).then((a) => a.json ?? {});
  assert.equal(secret, undefined, 'a reader makes none; the key of before is over by its time');
  const able = await site.person(org, 'able@bnk.example', { contact_role: 'none', roles: ['reader', 'analyst'] }, there);
  const key = site.client({ key: (await able.post('/api/keys', { name: 'k', access: 'read', days: 365 })).secret });
  await clock(due - 29);
  const open = await staged('open', async () => { const b = await body(focal); return b.line.state === 'open' && b; });
  assert.equal((await confirm(focal, open.list, [focal.id])).status, 200);
  await clock(due + 10);
  await staged('suspended', async () => (await stateOf(able.id)) === 'disabled');
  assert.equal((await able.call('GET', '/api/session')).status, 401);
  assert.equal((await key.call('GET', '/api/session')).status, 401);
  assert.equal(await stateOf(focal.id), 'active');
  const l = await line();
  assert.deepEqual([l.state, l.kept, l.suspended, l.people], ['quiet', false, 3, 1], 'one was confirmed, so the round is over');
  assert.equal((await types('person.suspended', focal)).length, 3);
  const b = await body(focal);
  assert.deepEqual(b.suspended.map((p) => p.name).sort(), ['P able@bnk.example', 'P plain@bnk.example', 'P second@bnk.example']);
  const back = (by, json) => by.call('POST', `/api/confirmations/${org}`, { json: { list: b.list, ...json } });
  refused(await back(focal, { back: [loner.id] }), 422, 'error.office.recert_person');
  refused(await back(focal, { end: [able.id] }), 422, 'error.office.recert_person');
  assert.equal((await back(focal, { back: [able.id] })).status, 200, 'by who may confirm, whoever added them');
  assert.deepEqual([await stateOf(able.id), (await line()).suspended], ['active', 2]);
  assert.equal((await types('person.resumed', focal)).length, 1);
  assert.equal((await there.call('PATCH', `/api/people/${second.id}`, { json: { state: 'active' } })).status, 200, 'or by who may change them');
  assert.equal((await line()).suspended, 1);
  assert.equal((await key.call('GET', '/api/session')).status, 200, 'with the keys that were not ended');
});

test('an administrator ends who does not act any more, also whom the desk added; nobody with more rights', async () => {
  const left = await site.person(org, 'left@bnk.example', { contact_role: 'none', roles: ['reader'] }, there);
  const more = await site.person(org, 'more@bnk.example', { contact_role: 'none', roles: ['reader', 'coordinator'] }, there);
  const end = async (by, id) => by.call('POST', `/api/confirmations/${org}`, { json: { list: (await body(focal)).list, end: [id] } });
  refused(await end(focal, more.id), 403, 'error.access.more_than_own');
  refused(await end(left, left.id), 403);
  assert.equal((await end(focal, left.id)).status, 200);
  assert.deepEqual([await stateOf(left.id), await stateOf(more.id)], ['disabled', 'active']);
  assert.equal((await left.call('GET', '/api/session')).status, 401);
  assert.equal((await types('person.ended', focal)).length, 1);
  assert.equal((await line()).suspended, 1, 'ended is not suspended');
});

test('a sector CERT to which administration is delegated confirms for its member; marked so', async () => {
  const sec = (await there.post('/api/organisations', { key: 'SEC', name_en: 'Sector CERT', kind: 'sector_cert' })).id;
  const head = await site.person(sec, 'head@sec.example', { roles: ['reader', 'org_admin'] }, there);
  const yes = await site.person(home, 'yes@cert.example', { contact_role: 'none', roles: ['admin'] }, there);
  assert.equal((await there.call('POST', '/api/delegations', { json: { keeper: sec, members: [org], until: day(340 + 365 * 3) } })).status, 422, 'too far');
  const now = Date.parse((await there.get('/api/session')).realm.now);
  assert.equal((await there.call('POST', '/api/delegations', { json: { keeper: sec, members: [org], until: new Date(now + 395 * 86400e3).toISOString() } })).status, 202);
  const act = (await yes.get('/api/acts')).items.find((a) => a.act === 'delegation_give');
  await yes.ok('POST', `/api/acts/${act.id}/approval`);
  await staged('its own and its member', async () => (await head.all('/api/confirmations')).map((l) => l.org.key).sort().join() === 'BNK,SEC');
  assert.equal((await confirm(there, (await body(there, home)).list, undefined, home)).status, 200, 'the site too');
  await clock(340 + 365 + 10 + 336);
  const b = await staged('open', async () => { const x = await body(head); return x.line.state === 'open' && x; });
  assert.equal((await confirm(head, b.list)).status, 200);
  assert.equal((await line()).state, 'quiet');
  assert.equal((await types('recert.done', focal))[0].delegate.name.en, 'Sector CERT');
  assert.ok((await types('person.recertified', focal))[0].delegate);
  const aud = await site.person(home, 'aud@cert.example', { contact_role: 'none', roles: ['auditor'], roles_until: new Date(Date.parse((await there.get('/api/session')).realm.now) + 9 * 86400e3).toISOString() }, there);
  assert.ok((await aud.all('/api/confirmations')).length >= 4);
  assert.equal((await body(aud)).line.may, false);
  refused(await confirm(aud, b.list), 403);
});

test('the ledger fits its records', async () => {
  assert.ok((await there.ok('POST', '/api/ledger/verify')).versions > 5);
});

test('mail, in the live realm: thirty days before, on the day, suspended, and to the national desk', async () => {
  const live = (await site.org('MOF', { name_en: 'Ministry of Fiction' })).id, officer = await site.person((await desk.get('/api/session')).org.id, 'officer@cert.example', { contact_role: 'none', roles: ['reader', 'coordinator'] });
  const who = await site.person(live, 'focal@mof.example', { lang: 'ur' });
  const gone = await site.person(live, 'gone@mof.example', { contact_role: 'none', roles: ['reader'] });
  await poll('asked', () => line(live, desk));
  const move = async (due) => {
    await site.stop();
    sql(site, `UPDATE recert SET due = ${(Date.now() + due * 86400e3) * 1000}, next_at = 0 WHERE org = (SELECT row FROM organisation WHERE key = 'MOF');
      UPDATE person SET created = ${(Date.now() - 90 * 86400e3) * 1000} WHERE org = (SELECT row FROM organisation WHERE key = 'MOF');`);
    await site.start();
  };
  const to = (mail, what) => poll(what, () => box.to(mail).find((x) => x.text.includes('/confirmations/') && what.test(x.text)), 20000);
  await move(29);
  const m = await to('focal@mof.example', /سال میں ایک بار/);
  assert.match(m.html, /dir="rtl"/);
  await move(-1);
  await to('focal@mof.example', /معطل ہو جائے گا/);
  await move(-11);
  await to('officer@cert.example', /nobody confirmed the people/);
  await to('gone@mof.example', /cannot sign in/);
  assert.equal((await gone.call('GET', '/api/session')).status, 401);
  assert.equal((await who.call('GET', '/api/session')).status, 200);
  assert.equal((await line(live, officer)).kept, true);
  const r = await site.cli(['confirmation', 'ls', '--state', 'late', '--json']);
  assert.equal(r.code, 0, r.err);
  assert.ok(r.json.items.some((l) => l.org.key === 'MOF'));
  const shown = await site.cli(['confirmation', 'show', 'MOF', '--json']);
  assert.equal((await site.cli(['confirmation', 'add', 'MOF', '--list', shown.json.list])).code, 0);
  assert.equal((await line(live, desk)).state, 'quiet');
});
