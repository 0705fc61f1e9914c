// What is held can be taken back before anything leaves; nothing leaves a demonstration.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, desk, w, box;
before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 3 } } });
  desk = site.desk;
  w = await populate(site);
  await poll('the invitations have left', () => box.mails.length >= 2);
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('undone while held: no mail, nothing in the portal, the findings are untold again', async () => {
  await w.give([['198.18.4.10']]);
  const n = await w.notice(w.MOX);
  assert.equal(n.state, 'held');
  assert.equal((await w.mox.get('/api/notices')).items.length, 0, 'the agency does not see a held notice');
  refused(await w.mox.call('POST', `/api/notices/${n.id}/undo`), 403);
  await desk.ok('POST', `/api/notices/${n.id}/undo`);
  const before = box.mails.length;
  // Something else that is held for as long has left: so would this have.
  await w.give([['198.18.64.10']]);
  const other = await w.notice(w.BNK);
  await poll('the other one leaves', () => box.mails.some((m) => m.subject.includes(other.number)), 30000);
  assert.ok(!box.mails.slice(before).some((m) => m.to.includes('focal@mox.example')));
  assert.ok(!box.mails.some((m) => m.subject.includes(n.number)));
  const now = await desk.get(`/api/notices/${n.id}`);
  assert.equal(now.state, 'undone');
  assert.ok(now.deliveries.every((d) => d.state === 'undone'), JSON.stringify(now.deliveries));
  assert.equal((await w.mox.get('/api/notices')).items.length, 0);
  assert.equal((await w.mox.call('GET', `/api/notices/${n.id}`)).status, 404);
  refused(await desk.call('POST', `/api/notices/${other.id}/undo`), 409);
});

test('a demonstration shows notices and sends nothing', async () => {
  const realm = await desk.post('/api/realms', { name: 'demo', kind: 'demo' });
  const there = new Client(site, { key: realm.key });
  const as = { site: Object.assign(Object.create(Object.getPrototypeOf(site)), site, { desk: there }) };
  const d = await populate(as.site, { people: false });
  await there.post('/api/people', { name: 'Demo Focal', mail: 'focal@demo.example', org: d.MOX, contact_role: 'focal' });
  const before = box.mails.length;
  await d.give([['198.18.4.10']]);
  const n = await d.notice(d.MOX);
  const sent = await poll('it is sent there', async () => {
    const x = await there.get(`/api/notices/${n.id}`);
    return x.state === 'sent' && x.deliveries.some((y) => y.channel === 'mail' && y.state === 'withheld') && x;
  }, 30000);
  assert.ok(sent.deliveries.some((x) => x.channel === 'portal' && x.state === 'sent'));
  assert.equal(box.mails.length, before);
  assert.ok(!(await desk.get('/api/notices')).items.some((x) => x.id === n.id), 'a realm is its own');
  await desk.ok('DELETE', '/api/realms/demo');
  assert.equal((await there.call('GET', '/api/notices')).status, 401);
});
