// Walk (ii), second half: a finding -> a notice -> mail through a real SMTP server and the portal -> its
// link or its button -> acknowledged, seen live at the national desk; taking back; a relay in trouble.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { day, populate, report } from './world.mjs';

let site, desk, w, box;
before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 1 } } });
  desk = site.desk;
  w = await populate(site);
});
after(async () => {
  await site?.close();
  await box?.stop();
});

const linkOf = (mail) => /https?:\/\/\S+\/l\/[\w.-]+/.exec(mail.text)?.[0];
const deliveries = async (id, channel) => (await desk.get(`/api/notices/${id}`)).deliveries.filter((d) => d.channel === channel);
/** The mail of one notice to one address. */
const mailOf = (n, to) => poll(`mail of ${n.number} to ${to}`, () => box.to(to).find((m) => m.subject.includes(n.number)), 30000);
const findingOf = (ip) => poll(`a finding at ${ip}`, async () => (await desk.all('/api/findings')).find((f) => f.ip === ip));

test('the invitation itself arrives by mail, in the person\'s language', async () => {
  const m = await poll('an invitation', () => box.to('focal@mox.example')[0]);
  assert.match(m.text, /[؀-ۿ]{3,}/);
  assert.match(m.html, /dir="rtl"/);
  assert.match(linkOf(m), /\/l\/live\./);
  const en = await poll('an invitation', () => box.to('focal@bnk.example')[0]);
  assert.match(en.subject, /invitation/i);
});

test('an Urdu agency is told by mail in Urdu, right to left, with a pointer and no detail', async () => {
  const stream = desk.stream();
  await stream.ready;
  await w.give([['198.18.4.10'], ['198.18.4.11']]);
  const n = await w.notice(w.MOX);
  assert.match(n.number, /^N-\d{4}-\d{6}$/);
  assert.ok(n.subject.en && n.subject.ur);
  assert.equal(n.severity, 'high');
  const m = await mailOf(n, 'focal@mox.example');
  assert.equal(m.from, 'cert@cert.example');
  assert.deepEqual(m.defects, []);
  assert.match(m.html, /<html[^>]*dir="rtl"/);
  assert.match(m.html, /lang="ur"/);
  assert.match(m.text, /[؀-ۿ]{3,}/);
  assert.match(m.subject, /[؀-ۿ]{3,}/);
  for (const secret of ['198.18.4.10', '198.18.4.11', 'open-widget', '8443']) {
    assert.ok(![m.subject, m.text, m.html].some((part) => part.includes(secret)), `the mail tells ${secret}`);
  }
  const full = await desk.get(`/api/notices/${n.id}`);
  assert.equal(full.state, 'sent');
  assert.deepEqual(full.items.map((f) => f.ip).sort(), ['198.18.4.10', '198.18.4.11']);
  assert.match(full.body.ur, /198\.18\.4\.10/);
  const [mail] = await poll('the mail is recorded', async () => {
    const d = await deliveries(n.id, 'mail');
    return d.length && d[0].state === 'sent' && d;
  });
  assert.ok(mail.sent && mail.attempts === 1);
  stream.close();
});

const timesRead = async (id) => (await desk.get(`/api/notices/${id}/saw`)).organisations.filter((o) => !o.own).reduce((n, o) => n + o.times, 0);

test('opening the link changes nothing but that it is noted; pressing tells the desk live, within a second', async () => {
  const n = await w.notice(w.MOX), m = await mailOf(n, 'focal@mox.example'), link = linkOf(m);
  const stream = desk.stream();
  await stream.ready;
  const size = (await desk.get('/api/ledger?limit=1')).size;
  for (let i = 0; i < 2; i++) {
    const noted = await timesRead(n.id);
    const page = await site.open(link);
    assert.equal(await timesRead(n.id), noted + 1);
    assert.equal(page.status, 200);
    assert.match(page.text, /dir="rtl"/);
    assert.match(page.text, new RegExp(n.number));
    assert.equal([...page.text.matchAll(/<button/g)].length, 1);
    assert.ok(!page.text.includes('198.18.4.10'));
  }
  assert.equal((await desk.get('/api/ledger?limit=1')).size, size);
  assert.equal((await desk.get(`/api/notices/${n.id}`)).state, 'sent');
  const pressed = Date.now();
  const thanks = await site.press(link);
  assert.equal(thanks.status, 200, thanks.text);
  assert.equal(thanks.headers['set-cookie'], undefined, 'acknowledging is not signing in');
  const e = await stream.until('the desk hears', (x) => x.type === 'notice.acknowledged' && x.subject === n.id);
  assert.ok(e.heard - pressed < 1000 * Number(process.env.MINAR_SLOW ?? 1), `${e.heard - pressed} ms`);
  const now = await desk.get(`/api/notices/${n.id}`);
  assert.equal(now.state, 'acknowledged');
  assert.ok(now.acknowledged);
  assert.ok(now.deliveries.some((d) => d.state === 'acknowledged'));
  assert.equal((await site.press(link)).status, 404, 'a link works once');
  stream.close();
  const said = (await desk.get('/api/ledger?limit=20')).items.find((x) => x.type === 'notice.acknowledged');
  assert.ok(said.words.length > 10 && said.who, JSON.stringify(said));
});

test('an English agency is told in English and acknowledges in the portal', async () => {
  await w.give([['198.18.64.20', 9443, 'critical']]);
  const n = await w.notice(w.BNK), m = await mailOf(n, 'focal@bnk.example');
  assert.match(m.html, /lang="en"/);
  assert.match(m.text, /portal/);
  const mine = await poll('the portal shows it', async () => (await w.bnk.get('/api/notices')).items.find((x) => x.id === n.id));
  assert.equal(mine.state, 'sent');
  const agency = await w.bnk.get('/api/agency');
  assert.ok(agency.tasks.some((t) => t.kind === 'acknowledge' && t.notice === n.id), JSON.stringify(agency.tasks));
  assert.ok((await desk.get('/api/queue')).items.some((q) => q.id === n.id));
  const stream = desk.stream();
  await stream.ready;
  await w.bnk.ok('POST', `/api/notices/${n.id}/acknowledge`);
  await stream.until('the desk hears', (x) => x.type === 'notice.acknowledged' && x.subject === n.id, 5000);
  stream.close();
  assert.equal((await desk.get(`/api/notices/${n.id}`)).state, 'acknowledged');
  const again = await w.bnk.call('POST', `/api/notices/${n.id}/acknowledge`);
  assert.ok([200, 409].includes(again.status), again.text);
  assert.ok(!(await w.bnk.get('/api/agency')).tasks.some((t) => t.kind === 'acknowledge' && t.notice === n.id));
});

test('the owner answers a finding; the desk cannot answer for it', async () => {
  const f = await findingOf('198.18.64.20');
  assert.match(f.why, /198\.18\.64\.0\/22/);
  refused(await desk.call('POST', `/api/findings/${f.id}/answer`, { json: { answer: 'fixed' } }), 403);
  await w.bnk.post(`/api/findings/${f.id}/answer`, { answer: 'fixed' });
  assert.equal((await desk.get(`/api/findings/${f.id}`)).state, 'fixed');
  refused(await w.bnk.call('POST', `/api/findings/${f.id}/answer`, { json: { answer: 'whatever' } }), 422);
});

test('the same exposure seen again is the same finding; no second notice while it is open', async () => {
  await w.give([['198.18.65.1']], `${day()}-scan_widget-s1.csv`);
  const f = await findingOf('198.18.65.1');
  const n = await poll('its notice', async () => (await desk.get(`/api/findings/${f.id}`)).notice);
  await w.give(report([['198.18.65.1']], { hoursAgo: 1 }), `${day()}-scan_widget-s2.csv`);
  const again = (await desk.all('/api/findings')).filter((x) => x.ip === '198.18.65.1');
  assert.equal(again.length, 1);
  assert.equal(again[0].id, f.id);
  assert.equal((await desk.get(`/api/findings/${f.id}`)).notice, n);
});

test('a relay that says later is tried again, and the desk sees it; one that refuses ends it', async () => {
  await box.answer('later');
  await w.give([['198.18.66.1', 1, 'high']]);
  const f = await findingOf('198.18.66.1');
  const id = await poll('its notice', async () => (await desk.get(`/api/findings/${f.id}`)).notice);
  const [d] = await poll('the attempt is told', async () => {
    const all = await deliveries(id, 'mail');
    return all.length && all[0].attempts >= 1 && all[0].state === 'queued' && all;
  }, 30000);
  assert.match(d.last_error, /451|greylisted/);
  await box.answer('refuse');
  await w.give([['198.18.67.1', 1, 'high']]);
  const g = await findingOf('198.18.67.1');
  const other = await poll('its notice', async () => (await desk.get(`/api/findings/${g.id}`)).notice);
  const [x] = await poll('the refusal is told', async () => {
    const all = await deliveries(other, 'mail');
    return all.length && all[0].state === 'failed' && all;
  }, 30000);
  assert.match(x.last_error, /550|no such user/);
  assert.ok((await desk.get('/api/status')).mail_failed >= 1);
  assert.equal((await deliveries(other, 'portal'))[0].state, 'sent', 'the portal shows it all the same');
  await box.answer('take');
});

test('after all that the ledger fits its records', async () => {
  assert.ok((await desk.ok('POST', '/api/ledger/verify')).versions > 10);
});
