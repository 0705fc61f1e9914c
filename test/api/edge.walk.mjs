// Edges between the walks: acknowledging by somebody who has gone, two who press at once, the stream
// resumed over a restart, an import under way when the server stops, two writers of one record.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { day, populate, report } from './world.mjs';

let site, desk, w, box;
before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
});
after(async () => {
  await site?.close();
  await box?.stop();
});

const linkOf = (mail) => /https?:\/\/\S+\/l\/[\w.-]+/.exec(mail.text)[0];
const noticeAt = (ip) => poll(`a notice for ${ip}`, async () => {
  const f = (await desk.all('/api/findings')).find((x) => x.ip === ip);
  return f?.notice && desk.get(`/api/notices/${f.notice}`);
});
const mailOf = (n, to) => poll(`mail of ${n.number}`, () => box.to(to).find((m) => m.subject.includes(n.number)), 30000);

test('a link of somebody who was disabled since acknowledges nothing', async () => {
  const gone = await site.person(w.MOX, 'gone@mox.example', { lang: 'en' });
  await w.give([['198.18.4.1']]);
  const n = await noticeAt('198.18.4.1'), m = await mailOf(n, 'gone@mox.example');
  await desk.ok('PATCH', `/api/people/${gone.id}`, { json: { state: 'disabled' } });
  assert.equal((await site.press(linkOf(m))).status, 404);
  assert.equal((await desk.get(`/api/notices/${n.id}`)).state, 'sent');
});

test('two who press at the same moment: one acknowledgement, nobody sees a failure', async () => {
  const n = await noticeAt('198.18.4.1'), m = await mailOf(n, 'focal@mox.example');
  const all = await Promise.all([site.press(linkOf(m)), site.press(linkOf(m)), w.mox.call('POST', `/api/notices/${n.id}/acknowledge`), w.mox.call('POST', `/api/notices/${n.id}/acknowledge`)]);
  assert.ok(all.every((a) => [200, 404, 409].includes(a.status)), all.map((a) => a.status).join());
  assert.ok(all.some((a) => a.status === 200));
  assert.equal((await desk.get(`/api/notices/${n.id}`)).state, 'acknowledged');
  const told = (await desk.all('/api/ledger')).filter((e) => e.type === 'notice.acknowledged' && e.subject === n.id);
  assert.equal(told.length, 1);
});

test('of many who change one record from the same version, one succeeds', async () => {
  const o = await site.org('RACE');
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => desk.call('PATCH', `/api/organisations/${o.id}`, { json: { name_en: `Winner ${i}` }, ifMatch: '"v1"' })));
  assert.deepEqual(all.map((a) => a.status).sort(), [200, ...Array(19).fill(412)]);
  assert.equal((await desk.get(`/api/organisations/${o.id}`)).name.en, `Winner ${all.findIndex((a) => a.status === 200)}`);
  const made = await Promise.all(Array.from({ length: 20 }, () => desk.call('POST', '/api/organisations', { json: { key: 'ONCE', name_en: 'Once', kind: 'bank' } })));
  assert.deepEqual(made.map((a) => a.status).sort(), [201, ...Array(19).fill(409)]);
});

test('a restart in order: sessions, keys and cursors stay, the stream is resumed, a file goes on', async () => {
  const { next } = await desk.get('/api/organisations?limit=1');
  const stream = desk.stream();
  await stream.ready;
  await desk.post(`/api/organisations/${w.MOX}/networks`, { value: '203.0.113.0/28' });
  await poll('an event', () => stream.events.length > 0);
  const big = report(Array.from({ length: 40000 }, (_, i) => [`100.64.${i >> 8}.${i & 255}`, 1, 'low']));
  const r = await desk.file(`/api/feeds/shadowserver/files?name=${day()}-scan_widget-big.csv`, big);
  await site.stop();
  await poll('the stream is told to come again', () => stream.words.includes('again') || stream.over);
  const alone = await site.cli(['org', 'net-add', 'BNK', '203.0.113.32/28', '--json']);
  assert.equal(alone.code, 0, alone.err);
  await site.start();
  assert.equal((await w.mox.call('GET', '/api/session')).status, 200);
  assert.ok((await desk.get(`/api/organisations?limit=1&cursor=${encodeURIComponent(next)}`)).items.length === 1);
  const again = desk.stream(stream.lastId);
  await again.until('what happened meanwhile', (e) => e.type === 'network.created' && e.subject === alone.json.id);
  const ids = [...stream.events, ...again.events].map((e) => e.id);
  assert.equal(new Set(ids).size, ids.length, 'nothing is told twice');
  again.close();
  const end = await poll('the file ends', async () => {
    const x = await desk.get(`/api/imports/${r.id}`);
    return x.state !== 'running' && x;
  }, 60000);
  assert.deepEqual([end.state, end.rows_done, end.rows_bad], ['done', 40000, 0]);
  assert.equal((await desk.get('/api/events/summary?q=100.64.0.0%2F16')).count, 40000);
});

test('an owner\'s networks decide from now on, and what was stays as it was', async () => {
  await w.give([['198.18.64.9']], `${day()}-scan_widget-o1.csv`);
  const nets = (await desk.get(`/api/organisations/${w.BNK}/networks`)).items;
  await desk.ok('DELETE', `/api/networks/${nets.find((n) => n.value === '198.18.64.0/22').id}`);
  await desk.post(`/api/organisations/${w.MOX}/networks`, { value: '198.18.64.0/22' });
  await w.give(report([['198.18.64.9', 8444]], { hoursAgo: 0 }), `${day()}-scan_widget-o2.csv`);
  const events = (await desk.get('/api/events?q=198.18.64.9')).items;
  assert.deepEqual(events.map((e) => [e.port, e.owner.key]).sort(), [[8443, 'BNK'], [8444, 'MOX']]);
  assert.equal((await w.bnk.get('/api/events?q=198.18.64.9')).items.length, 1);
});

test('a held notice cannot be acknowledged before it is there', async () => {
  await site.stop();
  site.configure({ outbox: { hold_s: 3600 } });
  await site.start();
  await w.give([['198.18.5.77']]);
  const n = await noticeAt('198.18.5.77');
  assert.equal(n.state, 'held');
  refused(await w.mox.call('POST', `/api/notices/${n.id}/acknowledge`), 404);
});
