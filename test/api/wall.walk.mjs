// Walk: the wall of the room. A key that reads figures alone opens it and nothing else; its sums are those of the lists, it
// names nobody, and of single kinds it shows none above the label of the room.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

let site, w, wall, officer;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 }, wall: { tlp: 'AMBER+STRICT' } } });
  w = await populate(site);
  await w.give([['198.18.4.10'], ['198.18.4.11'], ['198.18.64.20']]);
  await poll('all findings', async () => (await site.desk.all('/api/findings')).length === 3, 30000);
  await w.notice(w.MOX, (n) => n.state === 'sent');
  await w.notice(w.BNK, (n) => n.state === 'sent');
  officer = await site.person(w.CERT, 'officer@cert.example', { contact_role: 'none', roles: ['reader', 'coordinator'] });
  const key = await officer.post('/api/keys', { name: 'wall', access: 'read', scope: 'metrics.read stream.read' });
  wall = site.client({ key: key.secret });
});
after(() => site?.close());

test('its sums are those of the lists', async () => {
  const x = await wall.get('/api/wall');
  const findings = await officer.all('/api/findings?state=open'), notices = await officer.all('/api/notices?state=sent'), feeds = (await officer.get('/api/feeds')).items;
  assert.deepEqual([x.findings_open, x.notices_waiting, x.notices_late, x.feeds_total], [findings.length, notices.length, 0, feeds.length]);
  assert.equal(x.events_24h, (await officer.get('/api/status')).events_24h);
  assert.equal(x.kinds.reduce((n, k) => n + k.findings, 0), findings.length);
  assert.deepEqual([x.tlp, x.kinds_above, x.whole], ['AMBER+STRICT', 0, true]);
  const [kind] = x.kinds;
  assert.deepEqual([kind.kind, kind.organisations], [findings[0].identifier, new Set(findings.filter((f) => f.identifier === kind.kind).map((f) => f.org.id)).size]);
});

test('it names nobody; fewer than three organisations are no figure', async () => {
  const a = await wall.call('GET', '/api/wall');
  for (const o of await site.desk.all('/api/organisations')) if (o.id !== w.CERT) assert.ok(!a.text.includes(o.name.en) && !a.text.includes(o.id), o.key);
  assert.ok(!/198\.18|@|officer/.test(a.text), a.text);
  assert.ok(a.json.provinces.length > 0 && a.json.provinces.every((p) => p.findings === null), JSON.stringify(a.json.provinces));
});

test('the key opens the wall and its stream, and nothing else', async () => {
  for (const path of ['/api/findings', '/api/notices', '/api/organisations', '/api/people', '/api/events', '/api/queue']) refused(await wall.call('GET', path), 403);
  refused(await wall.call('POST', `/api/notices/${w.MOX}/acknowledge`), 403);
  refused(await w.mox.call('GET', '/api/wall'), 403);
  refused(await site.client({ key: 'mnr_nothing' }).call('GET', '/api/wall'), 401);
});

test('what is above the label of the room is counted, not shown', async () => {
  await site.stop();
  site.configure({ wall: { tlp: 'GREEN' } });
  await site.start();
  const x = await wall.get('/api/wall');
  assert.deepEqual([x.tlp, x.kinds, x.findings_open], ['GREEN', [], 3]);
  assert.ok(x.kinds_above >= 1);
});
