// Walk: what a person is told. It stands in the person's list; by mail it goes at once, with others in one mail
// an hour or a day, or not at all, as the person chose; in quiet hours mail waits, but for what is urgent. By the
// injected clock in a realm of its own; the mail itself under the live one, through restarts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from './matrix_world.mjs';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, there, box, org, boss, plain, w;
const iso = (ms) => new Date(ms).toISOString().replace('.000', ''), HOUR = 3600e3;
const START = Date.parse('2030-01-01T00:00:00Z');
const clock = (ms) => there.ok('PUT', '/api/realm/clock', { json: { now: iso(ms), frozen: true } });
/** Monday, eight in Karachi: three by UTC. */
const MONDAY = Date.parse('2030-04-01T03:00:00Z'), WEEK = 7 * 24 * HOUR;
const AT_ONCE = { task: 'at_once', notice: 'at_once', second: 'at_once', account: 'at_once', quiet_from: 0, quiet_until: 0, daily_at: 480, zone: 'Asia/Karachi' };
const choose = (who, more = {}) => who.ok('PUT', '/api/session/notify', { json: { ...AT_ONCE, ...more } });
const told = async (who, kind) => (await who.all('/api/notifications')).filter((n) => !kind || n.kind === kind);

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 0 } } });
  const realm = await site.desk.post('/api/realms', { name: 'demo', kind: 'demo', now: iso(START) });
  there = site.client({ key: realm.key });
  await clock(START);
  org = (await there.post('/api/organisations', { key: 'BNK', name_en: 'Bank of Examples', kind: 'bank' })).id;
  boss = await site.person(org, 'boss@bnk.example', { roles: ['reader', 'org_admin'] }, there);
  plain = await site.person(org, 'plain@bnk.example', { contact_role: 'none', roles: ['reader'] }, there);
  await poll('looked at', async () => (await there.all('/api/contacts')).length > 0, 15000);
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('nothing was chosen: at once, at any hour; what is no choice is refused in words', async () => {
  assert.deepEqual(await boss.get('/api/session/notify'), AT_ONCE);
  assert.deepEqual([(await boss.get('/api/notifications')).items, await boss.get('/api/notifications/unread')], [[], { unread: 0 }]);
  refused(await boss.call('PUT', '/api/session/notify', { json: { ...AT_ONCE, zone: 'Asia/Nowhere' } }), 422, 'error.notify.zone');
  refused(await boss.call('PUT', '/api/session/notify', { json: { ...AT_ONCE, zone: '../../etc/passwd' } }), 422, 'error.notify.zone');
  refused(await boss.call('PUT', '/api/session/notify', { json: { ...AT_ONCE, task: 'never' } }), 422);
  refused(await boss.call('PUT', '/api/session/notify', { json: { ...AT_ONCE, quiet_from: 1440 } }), 422);
});

test('a daily mail: it waits until its time by the injected clock, and no longer', async () => {
  await choose(boss, { task: 'daily', daily_at: 9 * 60 });
  await clock(MONDAY);
  const [n] = await poll('asked to confirm contacts', async () => { const x = await told(boss, 'task'); return x.length ? x : undefined; }, 15000);
  assert.deepEqual([n.mail_at, n.mailed, n.read, n.urgent], [iso(MONDAY + HOUR), null, null, false]);
  assert.equal(n.path, undefined, 'a link that acts is for the mail alone');
  await clock(MONDAY + HOUR - 1000);
  await new Promise((r) => setTimeout(r, 2500));
  assert.equal((await told(boss, 'task'))[0].mailed, null);
  await clock(MONDAY + HOUR);
  const sent = await poll('it went', async () => (await told(boss, 'task')).find((x) => x.mailed), 15000);
  assert.deepEqual([sent.mailed, sent.mail_at], [iso(MONDAY + HOUR), null]);
  assert.equal((await told(plain)).length, 0, 'others have nothing of it');
});

test('quiet hours over midnight in the own zone: what would go at once goes when they end', async () => {
  await choose(boss, { quiet_from: 7 * 60, quiet_until: 10 * 60 + 30 });
  await clock(MONDAY + WEEK);
  const n = await poll('asked again', async () => (await told(boss, 'task')).find((x) => x.created === iso(MONDAY + WEEK)), 15000);
  assert.deepEqual([n.mail_at, n.mailed], [iso(MONDAY + WEEK + 2.5 * HOUR), null]);
  await choose(boss, { task: 'console' });
  await clock(MONDAY + 2 * WEEK);
  const later = await poll('asked a third time', async () => (await told(boss, 'task')).find((x) => x.created === iso(MONDAY + 2 * WEEK)), 15000);
  assert.deepEqual([later.mail_at, later.mailed], [null, null], 'in the console alone');
});

test('read: one, then all; not another one\'s', async () => {
  const [one, ...rest] = await told(boss);
  assert.ok(rest.length >= 1);
  assert.equal((await boss.get('/api/notifications/unread')).unread, rest.length + 1);
  refused(await plain.call('POST', `/api/notifications/${one.id}/read`), 404);
  refused(await boss.call('POST', '/api/notifications/00000000-0000-0000-0000-000000000000/read'), 404);
  await boss.ok('POST', `/api/notifications/${one.id}/read`);
  assert.equal((await boss.get('/api/notifications/unread')).unread, rest.length);
  await plain.ok('POST', '/api/notifications/read');
  assert.equal((await boss.get('/api/notifications/unread')).unread, rest.length);
  await boss.ok('POST', '/api/notifications/read');
  assert.equal((await boss.get('/api/notifications/unread')).unread, 0);
});

const now_us = (ms = 0) => (Date.now() + ms) * 1000;
/** As if the hour had come: the program is not running meanwhile. */
async function due() {
  await site.stop();
  await sql(site, `UPDATE notification SET mail_at = ${now_us(-1000)} WHERE mail_at IS NOT NULL;`);
  await site.start();
}

test('one mail of all that is due, in the person\'s language; once, through restarts', async () => {
  w = await populate(site);
  await choose(w.mox, { notice: 'daily' });
  await choose(w.bnk, { notice: 'at_once' });
  box.mails.length = 0;
  await w.give([['198.18.4.10', 8443, 'low'], ['198.18.64.20', 8443, 'low']]);
  await poll('both notices left', async () => (await w.mox.get('/api/notices')).items.some((n) => n.state === 'sent') && (await w.bnk.get('/api/notices')).items.some((n) => n.state === 'sent'), 30000);
  await poll('the bank has its mail', () => box.to('focal@bnk.example').length === 1, 30000);
  const [n] = await told(w.mox, 'notice');
  assert.ok(n.mail_at && !n.mailed && n.path.startsWith('/notices/'), JSON.stringify(n));
  const [b] = await told(w.bnk, 'notice');
  assert.deepEqual([b.mail_at, b.mailed], [null, null], 'its own mail tells it');
  assert.equal(box.to('focal@mox.example').length, 0, 'not yet');
  assert.ok((await w.mox.get(`/api${n.path}`)).deliveries.every((d) => d.channel !== 'mail'));
  await due();
  const mail = await poll('the digest', () => box.to('focal@mox.example')[0], 30000);
  assert.match(mail.subject, /آپ کے لیے نیا/);
  assert.match(mail.text, /\/notices\/[0-9a-f-]{36}/);
  assert.match(mail.text, /\/notifications/);
  await due();
  await site.stop();
  await site.start();
  await new Promise((r) => setTimeout(r, 3000));
  assert.equal(box.to('focal@mox.example').length, 1, 'never twice');
  assert.ok((await told(w.mox, 'notice')).every((x) => x.mailed && !x.mail_at));
});

test('what is urgent passes quiet hours and says so', async () => {
  const { mox } = w;
  const h = new Date().getUTCHours(), quiet = { quiet_from: ((h + 23) % 24) * 60, quiet_until: ((h + 2) % 24) * 60, zone: 'UTC' };
  await choose(mox, { ...quiet, notice: 'console' });
  box.mails.length = 0;
  const id = (await site.desk.all('/api/organisations')).find((o) => o.key === 'MOX').id;
  await site.desk.file(`/api/feeds/shadowserver/files?wait=true&name=${new Date().toISOString().slice(0, 10)}-scan_widget-urgent.csv`,
    `timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n${new Date(Date.now() - 3600e3).toISOString().slice(0, 19).replace('T', ' ')},critical,198.18.5.77,tcp,9999,,64500,PK,widget\n`);
  await poll('the notice', async () => (await site.desk.get(`/api/notices?org=${id}`)).items.some((n) => n.severity === 'critical' && n.state === 'sent'), 30000);
  await poll('its mail, in the night', () => box.to('focal@mox.example').length === 1, 30000);
  assert.ok((await told(mox, 'notice')).some((n) => n.urgent));
  // Somebody lost an authenticator: told at once to those who administer, with the reason why it came now.
  const desk = await site.person((await site.desk.get('/api/session')).org.id, 'night@cert.example', { roles: ['reader', 'coordinator', 'org_admin'], contact_role: 'none' });
  await choose(desk, { ...quiet, task: 'console', second: 'console' });
  box.mails.length = 0;
  const asker = await site.person((await site.desk.get('/api/session')).org.id, 'asker@cert.example', { roles: ['reader', 'coordinator'], contact_role: 'none' });
  const finding = (await site.desk.all(`/api/findings?org=${id}`))[0];
  await asker.ok('POST', '/api/glass', { json: { kind: 'finding', record: finding.id, reason: 'the officer does not answer', minutes: 30 } });
  const n = await poll('an act waits', async () => (await told(desk, 'second'))[0], 15000);
  assert.deepEqual([n.path, n.mail_at, n.mailed], ['/acts', null, null]);
  assert.equal((await told(asker, 'second')).length, 0, 'not to who asked');
  assert.equal(box.to('night@cert.example').length, 0);
});
