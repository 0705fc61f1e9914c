// An organisation's channels: a webhook signed as Standard Webhooks 1.0 says, checked by that project's own
// package; rooms of Mattermost and Matrix; text messages through an operator's gateway. Receivers that fail,
// that are gone, that ask for time, that are hostile; what was given up, and how it is sent again.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { says, startReceiver } from './receiver.mjs';
import { Client, Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

const { Webhook } = createRequire(path.resolve(import.meta.dirname, '../../web/package.json'))('standardwebhooks');
let site, desk, w, box, admin, soc, room, home, gate, secret, hook;
const sms = () => ({ url: `${gate.url}/send?key=1`, body: '{"to":"{number}","text":"{text}"}', good: '"accepted": *true' });
before(async () => {
  box = await startMailbox();
  [soc, room, home, gate] = await Promise.all([startReceiver(), startReceiver(), startReceiver(), startReceiver()]);
  gate.answer = says(200, { 'content-type': 'application/json' }, '{"accepted": true}');
  home.answer = says(200, { 'content-type': 'application/json' }, '{"event_id":"$x"}');
  site = await Site.open({ conf: { public_url: 'https://cert.example', mail: mailConf(box), outbox: { hold_s: 1 }, courier: { networks: '127.0.0.0/8' }, channel: { http: true }, sms: sms() } });
  desk = site.desk;
  w = await populate(site);
  admin = await site.person(w.MOX, 'admin@mox.example', { roles: ['org_admin'], lang: 'en', contact_role: 'none' });
});
after(async () => {
  await site?.close();
  await Promise.all([box, soc, room, home, gate].map((x) => x?.stop()));
});

const ABSENT = '00000000-0000-4000-8000-000000000000';
const list = async (who = desk, org = w.MOX) => (await who.get(`/api/organisations/${org}/channels`)).items;
const one = async (kind, org = w.MOX) => (await list(desk, org)).find((c) => c.kind === kind);
const set = (kind, more, who = admin, org = w.MOX) => who.ok('POST', `/api/organisations/${org}/channels`, { json: { kind, ...more } });
const heads = (q) => Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((h) => [h, q.headers[h]]));
const verified = (q, by = secret) => new Webhook(by).verify(q.body, heads(q));
let last = 20;
/** A finding at an address of MOX (or BNK), and the notice that tells of it. */
async function tell(org = w.MOX, severity = 'high') {
  const ip = org === w.MOX ? `198.18.4.${last += 1}` : `198.18.64.${last += 1}`;
  await w.give([[ip, 8443, severity]]);
  const f = await poll('its finding is on a notice', async () => (await desk.all('/api/findings')).find((x) => x.ip === ip && x.notice));
  return poll('its notice', async () => { const n = await desk.get(`/api/notices/${f.notice}`); return n.state !== 'held' && n; });
}
const delivery = async (n, channel) => (await desk.get(`/api/notices/${n.id}`)).deliveries.find((d) => d.channel === channel);
const reaches = (n, channel, state, ms = 20000) => poll(`${channel} of ${n.number} is ${state}`, async () => { const d = await delivery(n, channel); return d?.state === state && d; }, ms);
const got = (at, n) => at.requests.filter((q) => q.body.includes(n.number));

test('an address is looked at before it is kept, and what is wrong is said at its field', async () => {
  const at = `/api/organisations/${w.MOX}/channels`;
  for (const [json, field] of [[{ kind: 'webhook' }, '/url'], [{ kind: 'webhook', url: 'ftp://soc.example/x' }, '/url'], [{ kind: 'webhook', url: 'https://u:p@soc.example/x' }, '/url'],
    [{ kind: 'webhook', url: 'https://soc.example:25/x' }, '/url'], [{ kind: 'matrix', url: 'https://soc.example' }, '/room'], [{ kind: 'matrix', url: 'https://soc.example', room: '#a:b' }, '/room'],
    [{ kind: 'matrix', url: 'https://soc.example', room: '!a:b' }, '/token'], [{ kind: 'matrix', url: 'https://soc.example', room: '!a:b', token: 'a b' }, '/token']]) {
    const a = await admin.call('POST', at, { json });
    assert.equal(a.status, 422, `${JSON.stringify(json)} ${a.text}`);
    assert.ok(a.text.includes(field), `${JSON.stringify(json)} ${a.text}`);
  }
  assert.deepEqual(await list(), []);
});

test('what would leave is shown beforehand: a pointer, and details for GREEN alone', async () => {
  const strict = await admin.get(`/api/organisations/${w.MOX}/channels/preview?kind=webhook`);
  const green = await admin.get(`/api/organisations/${w.MOX}/channels/preview?kind=webhook&tlp=GREEN`);
  const e = JSON.parse(strict.body), g = JSON.parse(green.body);
  assert.equal(e.data.tlp, 'AMBER+STRICT');
  assert.ok(!('subject' in e.data.notice) && !('text' in e.data.notice) && !('kind' in e.data.notice));
  assert.ok(g.data.notice.subject.en && g.data.notice.text.ur && g.data.notice.kind);
  assert.ok(strict.headers.some((h) => h.startsWith('webhook-signature')));
  const text = await admin.get(`/api/organisations/${w.MOX}/channels/preview?kind=sms`);
  assert.match(text.body, /[؀-ۿ]{3,}/);
  assert.ok(text.parts >= 2 && text.parts <= 4, `${text.parts} parts of Urdu`);
  const bnk = await desk.get(`/api/organisations/${w.BNK}/channels/preview?kind=sms`);
  assert.equal(bnk.parts, 1, bnk.body);
});

test('an administrator sets the webhook up: its secret is in that answer and nowhere else', async () => {
  const made = await set('webhook', { url: `${soc.url}/hooks/a-secret-path?t=1` });
  ({ secret } = made);
  hook = made.id;
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const c = await one('webhook');
  assert.equal(c.state, 'on');
  assert.equal(c.address, soc.url);
  const all = JSON.stringify([await list(), await list(admin), (await desk.get('/api/ledger?limit=50')).items]);
  assert.ok(!all.includes(secret.slice(6)) && !all.includes('a-secret-path'));
  assert.ok((await desk.get('/api/ledger?limit=50')).items.some((x) => x.type === 'channel.set' && x.subject === hook));
});

test('a test message arrives, signed: the package of the standard says so, and that a changed byte is not ours', async () => {
  await admin.ok('POST', `/api/channels/${hook}/test`);
  const q = await poll('the test', () => soc.requests[0]);
  assert.equal(q.method, 'POST');
  assert.equal(q.path, '/hooks/a-secret-path?t=1');
  assert.match(q.headers['content-type'], /^application\/cloudevents\+json/);
  assert.equal(verified(q).type, 'minar.channel.test');
  assert.throws(() => new Webhook(secret).verify(q.body.replace('MOX', 'MOY'), heads(q)));
  assert.throws(() => new Webhook(secret).verify(q.body, { ...heads(q), 'webhook-id': 'x' }));
  await poll('it is written down', async () => (await one('webhook')).test === 'good');
});

test('a notice reaches the machine once: CloudEvents 1.0, a pointer, no detail; its state stands with the others', async () => {
  const n = await tell(), d = await reaches(n, 'webhook', 'sent');
  const [q] = got(soc, n), e = verified(q);
  assert.equal(got(soc, n).length, 1);
  assert.deepEqual([e.specversion, e.type, e.subject, e.source, e.datacontenttype, e.id], ['1.0', 'minar.notice.sent', n.number, 'https://cert.example', 'application/json', d.id]);
  assert.equal(q.headers['webhook-id'], d.id);
  assert.ok(!Number.isNaN(Date.parse(e.time)));
  assert.equal(e.data.tlp, n.tlp);
  assert.equal(e.data.org.key, 'MOX');
  assert.equal(e.data.notice.page, `https://cert.example/notices/${n.id}`);
  assert.equal(e.data.notice.severity, n.severity);
  for (const detail of [n.items[0].ip, '8443', 'open-widget', n.subject.en]) assert.ok(!q.body.includes(detail), `the webhook tells ${detail}`);
  assert.equal(got(soc, n)[0].body.length < 20000, true);
});

test('for a day after its renewal both secrets sign', async () => {
  const fresh = await admin.ok('POST', `/api/channels/${hook}/secret`);
  const n = await tell();
  await reaches(n, 'webhook', 'sent');
  const [q] = got(soc, n);
  assert.equal(q.headers['webhook-signature'].split(' ').length, 2);
  verified(q, secret);
  verified(q, fresh.secret);
  secret = fresh.secret;
  assert.ok((await one('webhook')).two_until);
  assert.notEqual(fresh.secret, undefined);
});

test('one that fails for now is sent again with the same id, a later time and a signature of its own', async () => {
  let n500 = 0;
  soc.answer = (q, a) => { n500 += 1; a.writeHead(n500 === 1 ? 500 : 204).end(); };
  const n = await tell();
  const d = await poll('one attempt is written down', async () => { const x = await delivery(n, 'webhook'); return x.last_error && x; });
  assert.match(d.last_error, /500/);
  await reaches(n, 'webhook', 'sent');
  const [first, second] = got(soc, n);
  assert.equal(first.headers['webhook-id'], second.headers['webhook-id']);
  assert.ok(second.at - first.at >= 4900, `${second.at - first.at} ms`);
  assert.notEqual(first.headers['webhook-signature'], second.headers['webhook-signature']);
  verified(second);
  assert.equal((await one('webhook')).failing, null);
});

test('a receiver that asks for time gets it: nothing is sent to it before', async () => {
  let asked = 0;
  soc.answer = (q, a) => { asked += 1; if (asked === 1) a.writeHead(503, { 'retry-after': '9' }).end(); else a.writeHead(204).end(); };
  const n = await tell();
  await poll('it asked for time', () => asked === 1);
  await poll('that is written down', async () => (await delivery(n, 'webhook')).last_error);
  const other = await tell();
  await reaches(n, 'webhook', 'sent');
  await reaches(other, 'webhook', 'sent');
  const began = got(soc, n)[0].at;
  for (const q of [got(soc, n)[1], got(soc, other)[0]]) assert.ok(q.at - began >= 8900, `${q.at - began} ms`);
});

test('hostile receivers: an answer without end, a redirect inwards, one that never answers; others are not held up', async () => {
  const inner = await startReceiver();
  soc.answer = (q, a) => { a.writeHead(200); const more = () => { while (!a.destroyed && a.write(Buffer.alloc(1 << 16))); if (!a.destroyed) a.once('drain', more); }; more(); };
  const big = await tell();
  await reaches(big, 'webhook', 'sent');
  soc.answer = (q, a) => a.writeHead(307, { location: `${inner.url}/metadata` }).end();
  const led = await tell();
  const d = await poll('it failed', async () => { const x = await delivery(led, 'webhook'); return x.last_error && x; });
  assert.match(d.last_error, /307/);
  assert.equal(inner.requests.length, 0, 'a redirect is not followed');
  soc.answer = () => {};
  const silent = await tell();
  await poll('it hangs', () => got(soc, silent).length === 1);
  await set('webhook', { url: `${inner.url}/bnk` }, desk, w.BNK);
  const quick = await tell(w.BNK);
  await reaches(quick, 'webhook', 'sent', 10000);
  assert.equal(got(inner, quick).length, 1);
  soc.answer = undefined;
  const late = await poll('the silent one is given up for now', async () => { const x = await delivery(silent, 'webhook'); return x.last_error && x; }, 40000);
  assert.match(late.last_error, /./);
  assert.ok(soc.most <= 2, `${soc.most} at a time`);
  await inner.stop();
});

test('an inner address that nobody allowed is refused when it is connected to, and the message lies in sight', async () => {
  await set('webhook', { url: 'http://10.255.255.1/hook' }, desk, w.BNK);
  const n = await tell(w.BNK);
  const d = await reaches(n, 'webhook', 'failed');
  assert.match(d.last_error, /not a public internet address/);
  const dead = (await desk.get(`/api/deliveries/failed?org=${w.BNK}&channel=webhook`)).items;
  assert.equal(dead[0].id, d.id);
  assert.equal(dead[0].may, true);
  assert.equal(dead[0].number, n.number);
});

test('gone is gone: the channel turns itself off, its people are told by mail and in the portal, nothing more is sent', async () => {
  soc.answer = says(410);
  const n = await tell();
  await reaches(n, 'webhook', 'failed');
  const c = await poll('it is off', async () => { const x = await one('webhook'); return x.state === 'off' && x; });
  assert.equal(c.why, 'gone');
  await poll('a task', async () => (await admin.get('/api/tasks')).items.find((x) => x.kind === 'channel' && x.path === `/channels/${w.MOX}`));
  await poll('a mail', () => box.to('admin@mox.example').find((m) => m.subject.includes('turned itself off')));
  assert.ok((await desk.get('/api/ledger?limit=100')).items.some((x) => x.type === 'channel.ended' && x.subject === hook));
  const before = soc.requests.length, next = await tell();
  await reaches(next, 'mail', 'sent');
  assert.equal(await delivery(next, 'webhook'), undefined);
  assert.equal(soc.requests.length, before);
});

test('what was given up is sent again with its id: one, and a span that is counted first', async () => {
  soc.answer = undefined;
  const dead = (await admin.get('/api/deliveries/failed')).items;
  assert.ok(dead.length >= 1 && dead.every((x) => x.org.id === w.MOX && x.may), JSON.stringify(dead));
  assert.ok(dead.some((x) => /410/.test(x.last_error)));
  await admin.ok('PATCH', `/api/channels/${hook}`, { json: { state: 'on' } });
  for (const x of dead) await admin.ok('POST', `/api/deliveries/${x.id}/replay`);
  const q = await poll('it arrives', () => soc.requests.findLast((x) => x.body.includes(dead[0].number) && x.headers['webhook-id'] === dead[0].id));
  verified(q);
  await poll('it is sent', async () => (await admin.get('/api/deliveries/failed')).items.length === 0);
  await poll('nothing is under way', async () => (await one('webhook')).waiting === 0);
  refused(await admin.call('POST', `/api/deliveries/${(await delivery({ id: dead[0].notice }, 'portal')).id}/replay`), 409);
  const span = { from: new Date(Date.now() - 3600e3).toISOString(), until: new Date(Date.now() + 1000).toISOString(), sent: true };
  const count = await admin.ok('POST', '/api/deliveries/replay', { json: { ...span, dry_run: true } });
  assert.ok(count.count >= 6 && count.more === false, JSON.stringify(count));
  const before = soc.requests.length;
  const done = await admin.ok('POST', '/api/deliveries/replay', { json: span });
  assert.equal(done.count, count.count);
  await poll('all of them arrive again', () => soc.requests.length >= before + count.count);
  const ids = soc.requests.slice(before).map((x) => x.headers['webhook-id']);
  assert.equal(new Set(ids).size, count.count);
  assert.ok(ids.every((id) => soc.requests.slice(0, before).some((x) => x.headers['webhook-id'] === id)), 'a receiver knows them by their ids');
  assert.ok((await desk.get('/api/ledger?limit=100')).items.some((x) => x.type === 'delivery.replayed'));
});

test('who acknowledges in the portal does not keep the machine from hearing', async () => {
  soc.answer = says(500);
  const n = await tell();
  await poll('one attempt', async () => (await delivery(n, 'webhook')).last_error);
  await w.mox.ok('POST', `/api/notices/${n.id}/acknowledge`);
  soc.answer = undefined;
  await reaches(n, 'webhook', 'sent');
});

test('Mattermost gets one line with a link, Matrix the same under a transaction id that stays', async () => {
  await set('mattermost', { url: `${room.url}/hooks/xyz` });
  await set('matrix', { url: `${home.url}/`, room: '!abc:home.example', token: 'syt_token' });
  let failedOnce = 0;
  home.answer = (q, a) => { failedOnce += 1; a.writeHead(failedOnce === 1 ? 502 : 200, { 'content-type': 'application/json' }).end('{"event_id":"$x"}'); };
  const n = await tell();
  const m = await reaches(n, 'mattermost', 'sent'), x = await reaches(n, 'matrix', 'sent');
  const [line] = got(room, n), [first, second] = got(home, n);
  const text = JSON.parse(line.body).text;
  assert.ok(text.includes(n.number) && text.includes(`https://cert.example/notices/${n.id}`), text);
  assert.equal(line.path, '/hooks/xyz');
  assert.equal(first.method, 'PUT');
  assert.equal(first.path, `/_matrix/client/v3/rooms/%21abc%3Ahome.example/send/m.room.message/${x.id}`);
  assert.equal(second.path, first.path);
  assert.equal(first.headers.authorization, 'Bearer syt_token');
  assert.deepEqual(Object.keys(JSON.parse(first.body)).sort(), ['body', 'msgtype']);
  assert.equal(JSON.parse(first.body).msgtype, 'm.text');
  for (const q of [line, first]) for (const detail of [n.items[0].ip, 'widget', n.subject.en, n.subject.ur]) assert.ok(!q.body.includes(detail), `the room is told ${detail}`);
  assert.ok(m.id !== x.id);
  for (const c of await list()) if (['mattermost', 'matrix'].includes(c.kind)) await admin.ok('DELETE', `/api/channels/${c.id}`);
  assert.deepEqual((await list()).map((c) => c.kind), ['webhook']);
});

test('text messages: each contact in the own language, a pointer alone; a gateway that says no is believed', async () => {
  const people = (await desk.all('/api/people')).filter((p) => p.mail === 'focal@mox.example');
  await desk.ok('PATCH', `/api/people/${people[0].id}`, { json: { phone: '+92 (300) 555-0100' }, ifMatch: `"v${people[0].version}"` });
  await set('sms', {});
  const n = await tell(), d = await reaches(n, 'sms', 'sent');
  const [q] = got(gate, n), told = JSON.parse(q.body);
  assert.equal(told.to, '+923005550100');
  assert.match(told.text, /[؀-ۿ]{3,}/);
  assert.ok(told.text.includes(n.number) && told.text.includes(`/notices/${n.id}`));
  assert.ok(![n.items[0].ip, 'widget', n.subject.ur].some((x) => told.text.includes(x)));
  assert.equal(d.to, 'عائشہ خان');
  gate.answer = says(200, {}, '{"accepted": false}');
  const no = await tell();
  await poll('it is tried again later', async () => { const x = await delivery(no, 'sms'); return x.last_error && x.state === 'queued' && x; });
  await w.mox.ok('POST', `/api/notices/${no.id}/acknowledge`);
  await reaches(no, 'sms', 'undone');
  refused(await admin.call('POST', `/api/channels/${(await one('sms')).id}/test`), 409);
});

test('nobody else sees or touches them; an auditor of the desk may look', async () => {
  const reader = await site.person(w.MOX, 'reader@mox.example', { roles: ['reader'], contact_role: 'none' });
  refused(await reader.call('GET', `/api/organisations/${w.MOX}/channels`), 403);
  refused(await reader.call('POST', `/api/deliveries/${ABSENT}/replay`), 403);
  const other = await site.person(w.BNK, 'admin@bnk.example', { roles: ['org_admin'], contact_role: 'none' });
  refused(await other.call('GET', `/api/organisations/${w.MOX}/channels`), 404);
  refused(await other.call('POST', `/api/organisations/${w.MOX}/channels`, { json: { kind: 'webhook', url: 'https://thief.example/x' } }), 404);
  for (const [method, tail, json] of [['PATCH', '', { state: 'off' }], ['POST', '/secret'], ['POST', '/test'], ['DELETE', '']]) refused(await other.call(method, `/api/channels/${hook}${tail}`, { json }), 404);
  refused(await other.call('POST', '/api/deliveries/replay', { json: { from: '2026-01-01T00:00:00Z', until: '2036-01-01T00:00:00Z', org: w.MOX } }), 404);
  const d = (await desk.get('/api/notices?limit=1')).items[0];
  refused(await other.call('POST', `/api/deliveries/${(await delivery(d, 'portal')).id}/replay`), 404);
  assert.ok((await other.get('/api/deliveries/failed')).items.every((x) => x.org.id === w.BNK));
  refused(await site.anyone().call('GET', '/api/deliveries/failed'), 401);
  const auditor = await site.person((await desk.get('/api/session')).org.id, 'audit@cert.example', { roles: ['auditor'], contact_role: 'none' });
  assert.equal((await auditor.get(`/api/organisations/${w.MOX}/channels`)).may, false);
});

test('one that takes nothing for too long is turned off (here: at once); a removed one leaves nothing behind', async () => {
  await site.stop();
  site.configure({ channel: { http: true, off_after_h: 0 } });
  await site.start();
  soc.answer = says(404);
  const n = await tell();
  const c = await poll('it is off', async () => { const x = await one('webhook'); return x.state === 'off' && x; });
  assert.equal(c.why, 'failing');
  assert.match(c.last_error, /404/);
  assert.ok(c.failing);
  await reaches(n, 'webhook', 'failed', 30000);
  await admin.ok('DELETE', `/api/channels/${hook}`);
  assert.equal(await one('webhook'), undefined);
  refused(await admin.call('POST', `/api/channels/${hook}/test`), 404);
});

test('the command line sets up, tests, lists and sends again', async () => {
  soc.answer = undefined;
  const made = await site.cli(['channel', 'add', 'MOX', 'webhook', '--url', `${soc.url}/cli`, '--json']);
  assert.equal(made.code, 0, made.err);
  secret = made.json.secret;
  assert.equal((await site.cli(['channel', 'test', made.json.id])).code, 0);
  await poll('the test', () => soc.requests.some((q) => q.path === '/cli'));
  verified(soc.requests.find((q) => q.path === '/cli'));
  assert.match((await site.cli(['channel', 'ls', 'MOX'])).out, /webhook/);
  const dead = (await site.cli(['delivery', 'failed', '--json'])).json.items;
  assert.ok(dead.length >= 1);
  const mine = dead.find((x) => x.org.key === 'MOX' && x.channel === 'webhook');
  assert.equal((await site.cli(['delivery', 'replay', mine.id])).code, 0);
  await poll('it arrives', () => soc.requests.some((q) => q.path === '/cli' && q.headers['webhook-id'] === mine.id));
  const span = await site.cli(['delivery', 'replay-span', '2026-01-01T00:00:00Z', '2036-01-01T00:00:00Z', '--org', w.MOX, '--dry-run', '--json']);
  assert.equal(span.code, 0, span.err);
});

test('an exercise keeps what would leave', async () => {
  await desk.post('/api/realms', { name: 'demo', kind: 'demo' });
  const there = new Client(site, { realm: 'demo' }), v = await populate({ desk: there }, { people: false });
  const before = soc.requests.length;
  const made = await there.ok('POST', `/api/organisations/${v.MOX}/channels`, { json: { kind: 'webhook', url: `${soc.url}/demo` } });
  refused(await there.call('POST', `/api/channels/${made.id}/test`), 409);
  await v.give([['198.18.4.10']]);
  const n = await poll('a notice there has left', async () => (await there.get('/api/notices')).items.find((x) => x.state === 'sent'));
  await poll('it is withheld', async () => (await there.get(`/api/notices/${n.id}`)).deliveries.find((d) => d.channel === 'webhook' && d.state === 'withheld'));
  assert.equal(soc.requests.length, before);
});
