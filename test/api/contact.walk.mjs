// Walk: contacts. Whom notices reach is confirmed again every ninety days: one mail on Monday morning to those
// who administer the organisation, with a page behind it that confirms without a change and without signing in;
// a week later again; after four the national desk hears of it. By the injected clock; mail under the live one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from './matrix_world.mjs';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';

let site, there, box, org, lone, boss, second, plain, single;
const START = Date.parse('2030-01-01T00:00:00Z'); // a Tuesday
const HOUR = 3600e3, DAY = 24 * HOUR, iso = (ms) => new Date(ms).toISOString().replace('.000', '');
const clock = (ms) => there.ok('PUT', '/api/realm/clock', { json: { now: iso(ms), frozen: true } });
/** The Monday mornings, eight o'clock in Karachi, which is three by UTC; the first on or after day 90. */
const MONDAY = Date.parse('2030-04-01T03:00:00Z'), week = (n) => MONDAY + n * 7 * DAY;
const line = async (id = org, by = there) => (await by.all('/api/contacts')).find((l) => l.org.id === id);
const body = (by, id = org) => by.get(`/api/contacts/${id}`);
const types = async (type, by = there) => (await by.all('/api/ledger')).filter((e) => e.type === type);
const staged = (what, fn) => poll(what, fn, 15000);

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box) } });
  const realm = await site.desk.post('/api/realms', { name: 'demo', kind: 'demo', now: iso(START) });
  there = site.client({ key: realm.key });
  await clock(START);
  org = (await there.post('/api/organisations', { key: 'BNK', name_en: 'Bank of Examples', kind: 'bank' })).id;
  lone = (await there.post('/api/organisations', { key: 'LON', name_en: 'Lonely Office', kind: 'authority' })).id;
  boss = await site.person(org, 'boss@bnk.example', { roles: ['reader', 'org_admin'] }, there);
  second = await site.person(org, 'second@bnk.example', { contact_role: 'technical', roles: ['reader'] }, there);
  plain = await site.person(org, 'plain@bnk.example', { contact_role: 'none', roles: ['reader'] }, there);
  single = await site.person(lone, 'single@lon.example', { roles: ['reader'] }, there);
  await staged('both are looked at', async () => (await line()) && (await line(lone)));
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('nothing is asked while they are fresh; who sees what', async () => {
  const l = await line();
  assert.deepEqual([l.state, l.contacts, l.due, l.admins, l.asks, l.may], ['fresh', 2, 0, 1, 0, false]);
  assert.deepEqual((await boss.all('/api/contacts')).map((x) => x.org.key), ['BNK']);
  refused(await plain.call('GET', '/api/contacts'), 403);
  refused(await boss.call('GET', `/api/contacts/${lone}`), 404);
  refused(await second.call('POST', `/api/contacts/${org}`, { json: { list: '0'.repeat(64) } }), 403);
  const b = await body(boss);
  assert.deepEqual(b.contacts.map((c) => [c.mail, c.contact_role, c.due]), [['boss@bnk.example', 'focal', false], ['second@bnk.example', 'technical', false]]);
  await clock(MONDAY - HOUR);
  assert.equal((await types('contacts.asked')).length, 0);
});

test('Monday morning: asked once, told in the portal', async () => {
  await clock(MONDAY);
  await staged('asked', async () => (await line()).asks === 1);
  const l = await line();
  assert.deepEqual([l.state, l.due, l.asked, l.next, l.may], ['due', 2, iso(MONDAY), iso(week(1)), true]);
  assert.deepEqual((await boss.get('/api/tasks')).items.map((t) => t.kind), ['contacts']);
  refused(await second.call('GET', '/api/tasks'), 403);
  await clock(week(1) - HOUR);
  assert.equal((await types('contacts.asked', boss)).length, 1, 'not before the next Monday');
});

test('confirmed without a change, of the very list that was shown', async () => {
  const b = await body(boss);
  refused(await boss.call('POST', `/api/contacts/${org}`, { json: { list: '0'.repeat(64) } }), 409, 'error.office.contacts_changed');
  await boss.ok('POST', `/api/contacts/${org}`, { json: { list: b.list } });
  const l = await line();
  assert.deepEqual([l.state, l.due, l.asks, l.next], ['fresh', 0, 0, '2030-07-08T03:00:00Z']);
  assert.deepEqual((await body(boss)).contacts.map((c) => c.confirmed), [iso(week(1) - HOUR), iso(week(1) - HOUR)]);
  assert.equal((await types('person.confirmed', boss)).length, 2);
  assert.equal((await boss.get('/api/tasks')).items.length, 0, 'and the task is done');
});

test('who never answers is asked each Monday; after four the national desk is told', async () => {
  for (let n = 1; n <= 3; n++) {
    await clock(week(n));
    await staged(`asked ${n + 1} times`, async () => (await line(lone)).asks === n + 1);
  }
  const l = await line(lone);
  assert.deepEqual([l.state, l.admins], ['stale', 0]);
  assert.equal((await types('contacts.stale')).length, 1);
  assert.deepEqual((await there.all('/api/contacts?state=stale')).map((x) => x.org.key), ['LON']);
  await clock(week(4));
  await staged('asked on', async () => (await line(lone)).asks === 5);
  assert.equal((await types('contacts.stale')).length, 1, 'told once');
});

test('a change of the last one that was due settles it', async () => {
  const row = (await there.all('/api/people')).find((p) => p.id === single.id);
  await there.ok('PATCH', `/api/people/${single.id}`, { json: { phone: '+000 12 345' }, ifMatch: `"v${row.version}"` });
  const l = await line(lone);
  assert.deepEqual([l.state, l.asks, l.due], ['fresh', 0, 0]);
});

test('the national desk confirms for an organisation that it has on the telephone; nobody to reach says so', async () => {
  await clock(Date.parse('2030-12-02T03:00:00Z'));
  await staged('due again', async () => (await line()).asks === 1);
  await there.ok('POST', `/api/contacts/${org}`, { json: { list: (await body(there)).list } });
  assert.equal((await line()).state, 'fresh');
  const row = (await there.all('/api/people')).find((p) => p.id === single.id);
  await there.ok('PATCH', `/api/people/${single.id}`, { json: { contact_role: 'none' }, ifMatch: `"v${row.version}"` });
  assert.equal((await line(lone)).state, 'none');
});

test('the command line says the same', async () => {
  const r = await site.cli(['contact', 'ls', '--json']);
  assert.equal(r.code, 0, r.err);
});

/** Live: contacts that were confirmed a day too long ago, by an older program's clock. */
test('the mail: to who administers it, with a page that shows the contacts and confirms with one press', async () => {
  const live = site.desk;
  const id = (await live.post('/api/organisations', { key: 'MOX', name_en: 'Ministry of Examples', name_ur: 'وزارتِ امثال', kind: 'ministry' })).id;
  await site.person(id, 'head@mox.example', { name: 'عائشہ خان', roles: ['reader', 'org_admin'], lang: 'ur' });
  await site.person(id, 'other@mox.example', { name: 'Bilal Raza', roles: ['reader'], lang: 'en' });
  await poll('looked at', async () => line(id, live));
  await site.stop();
  const past = (Date.now() - 95 * DAY) * 1000;
  await aged(past);
  await site.start();
  const mail = await poll('the mail', async () => box.to('head@mox.example').find((m) => /\/l\//.test(m.text) && /رابط/.test(m.subject)), 30000);
  assert.ok(!box.to('other@mox.example').some((m) => /\/l\//.test(m.text) && /contacts/.test(m.subject)));
  assert.match(mail.text, /ایک اور منتظم/, 'a second administrator is advised');
  const link = /https?:\S+\/l\/\S+/.exec(mail.text)[0];
  const page = await site.open(link);
  assert.equal(page.status, 200);
  assert.match(page.text, /عائشہ خان/);
  assert.match(page.text, /other@mox\.example/);
  const list = /name="list" value="([0-9a-f]{64})"/.exec(page.text)[1];
  assert.equal((await line(id, live)).due, 2, 'a link never acts');
  const wrong = await site.press(link, { list: '0'.repeat(64) });
  assert.equal(wrong.status, 409);
  assert.match(wrong.text, /role="alert"/);
  const done = await site.press(link, { list });
  assert.equal(done.status, 200, done.text);
  assert.equal(done.headers['set-cookie'], undefined, 'it signs nobody in');
  assert.deepEqual([(await line(id, live)).state, (await line(id, live)).due], ['fresh', 0]);
  assert.equal((await site.open(link)).status, 404);
});

/** Sets the contacts of MOX back by hand, and looks at them now. */
async function aged(us) {
  await sql(site, `UPDATE person SET created = ${us}, confirmed = ${us} WHERE org = (SELECT row FROM organisation WHERE key = 'MOX');`);
  await sql(site, `UPDATE contact_round SET next_at = 1 WHERE org = (SELECT row FROM organisation WHERE key = 'MOX');`);
}
