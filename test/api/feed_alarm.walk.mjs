// Walk: feeds that are not well. Late, silent, twice what is usual, rows that cannot be read: those who run feeds are told
// once an episode and once when it is over; a paused feed alarms nobody. By the injected clock.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll } from './site.mjs';

let site, there, officer, analyst, feed, n = 0, now;
const DAY = 864e5, HOUR = 3600e3, START = Date.parse('2030-01-01T06:00:00Z');
const iso = (ms) => new Date(ms).toISOString().replace('.000', '');
const stamp = (ms) => iso(ms).replace('T', ' ').replace('Z', '');
async function clock(ms) {
  now = ms;
  await there.ok('PUT', '/api/realm/clock', { json: { now: iso(ms), frozen: true } });
}
const of = async () => (await there.get('/api/feeds')).items.find((f) => f.key === 'own');
const alarms = async () => (await of()).alarms.map((a) => a.what);
const told = async (who = officer) => (await who.get('/api/notifications')).items.filter((x) => x.path === `/feeds/${feed}`).map((x) => x.subject).reverse();
const entries = async () => (await there.all('/api/ledger')).filter((e) => /^feed\.(alarmed|well)$/.test(e.type)).map((e) => e.type).reverse();
const alarmed = (...want) => poll(`alarms: ${want}`, async () => JSON.stringify(await alarms()) === JSON.stringify(want), 20000);

/** A file of the feed: so many rows, of which the last few have a time that is none. */
async function bring(rows, bad = 0) {
  n += 1;
  const text = `when;ip\n${Array.from({ length: rows }, (_, i) => `${i >= rows - bad ? 'yesterday' : stamp(now - HOUR)};198.18.${n % 250}.${i % 250}`).join('\n')}\n`;
  const a = await there.call('POST', `/api/feeds/${feed}/files?wait=true&name=own-${n}.csv`, { body: Buffer.from(text) });
  assert.ok([200, 202].includes(a.status) && a.json.rows_bad === bad, a.text);
}

before(async () => {
  site = await Site.open();
  const realm = await site.desk.post('/api/realms', { name: 'demo', kind: 'demo', now: iso(START) });
  there = site.client({ key: realm.key });
  await clock(START);
  const cert = (await there.get('/api/session')).org.id;
  officer = await site.person(cert, 'officer@cert.example', { contact_role: 'none', roles: ['reader', 'coordinator'], lang: 'en' }, there);
  analyst = await site.person(cert, 'analyst@cert.example', { contact_role: 'none', roles: ['reader', 'analyst'], lang: 'en' }, there);
  const declaration = 'name: Own\nformat: csv\nseparator: ";"\nheader: true\nguess: false\ncolumns:\n  when: { to: time.source, convert: add_UTC_to_timestamp, required: true }\n  ip: { to: source.ip, convert: validate_ip, required: true }\nconstants:\n  classification.type: scanner\n  classification.identifier: own-scan\n';
  feed = (await there.post('/api/feeds', { key: 'own', name_en: 'Own reports', format: 'csv', declaration, expect_every_s: 86400 })).id;
});
after(() => site?.close());

test('late, then silent, each told once; well again, told once', async () => {
  await bring(3);
  await clock(START + DAY - HOUR);
  assert.deepEqual(await alarms(), []);
  await clock(START + DAY + HOUR);
  await alarmed('late');
  assert.deepEqual(await told(), ['Feed \u2068Own reports\u2069 is late']);
  await clock(START + 2 * DAY);
  await clock(START + 3 * DAY + HOUR);
  await alarmed('late', 'silent');
  assert.equal((await told()).length, 2);
  await bring(3);
  await alarmed();
  assert.deepEqual((await told()).map((s) => s.replace(/.*\u2069 /, '')), ['is late', 'is silent', 'is well again']);
  assert.deepEqual(await entries(), ['feed.alarmed', 'feed.alarmed', 'feed.well', 'feed.well']);
  assert.deepEqual(await told(analyst), [], 'who does not run feeds is not told');
});

test('silent at once: told once', async () => {
  await clock(START + 9 * DAY);
  await alarmed('late', 'silent');
  assert.deepEqual((await told()).slice(3).map((s) => s.replace(/.*\u2069 /, '')), ['is silent']);
  await bring(3);
  await alarmed();
});

test('twice what is usual, until a day has passed that is not', async () => {
  let day = 10;
  for (; day < 17; day += 1) {
    await clock(START + day * DAY);
    await bring(60);
  }
  await clock(START + day++ * DAY);
  await bring(119);
  await clock(START + day++ * DAY);
  await bring(60);
  await bring(60);
  await alarmed('more');
  assert.match((await told()).at(-1), /far more than usual/);
  const before = (await told()).length;
  await clock(START + day++ * DAY);
  await bring(60);
  assert.deepEqual(await alarms(), ['more'], 'yesterday was twice');
  await clock(START + day++ * DAY);
  await bring(60);
  await alarmed();
  assert.equal((await told()).length, before + 1);
});

test('rows that cannot be read; few of them are nothing', async () => {
  await bring(60, 19);
  await clock(now + DAY);
  await bring(60, 5);
  await alarmed('rejects');
  assert.match((await of()).alarms[0].since, /^2030-/);
  const last = (await officer.get('/api/notifications')).items[0];
  assert.match(last.text, /24 could not be read/);
  assert.equal(last.kind, 'task');
});

test('a paused feed alarms nobody', async () => {
  const v = (await of()).version;
  await there.ok('PATCH', `/api/feeds/${feed}`, { json: { state: 'paused' }, headers: { 'if-match': `"v${v}"` } });
  await alarmed();
  const before = (await told()).length;
  await clock(now + 30 * DAY);
  await new Promise((r) => setTimeout(r, 4500));
  assert.deepEqual([await alarms(), (await told()).length], [[], before]);
});
