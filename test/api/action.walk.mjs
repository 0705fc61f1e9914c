// Walk: what organisations have to do. Given about a finding, a notice or the organisation itself, done by its own
// people, verified by somebody else, with what the sensors say since; late once, told once; seen by its organisation
// and the national desk alone. By the injected clock for what time does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, desk, w, box, boss, analyst, second, officer, other, outsider, finding, notice;
before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { outbox: { hold_s: 0 }, mail: mailConf(box) } });
  desk = site.desk;
  w = await populate(site);
  boss = w.bnk;
  analyst = await site.person(w.BNK, 'analyst@bnk.example', { roles: ['reader', 'analyst'], lang: 'en' });
  second = await site.person(w.BNK, 'second@bnk.example', { roles: ['reader', 'analyst'], lang: 'ur' });
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'analyst'], lang: 'en' });
  other = await site.person(w.CERT, 'other@cert.example', { roles: ['reader', 'coordinator'], lang: 'en' });
  outsider = await site.person(w.MOX, 'analyst@mox.example', { roles: ['reader', 'analyst'], lang: 'ur' });
  await w.give([['198.18.64.9', 8443], ['198.18.65.9', 8443]]);
  notice = await w.notice(w.BNK);
  finding = (await analyst.get('/api/findings')).items[0];
});
after(async () => {
  await site?.close();
  await box?.stop();
});

const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'), DAY = 864e5;
const give = (who, more) => who.post('/api/actions', { about: 'finding', subject: finding.id, title: 'Close port 8443', due: iso(Date.now() + 5 * DAY), ...more });
const read = (who, id) => who.get(`/api/actions/${id}`);
const step = (who, id, to, said = 'It is as it should be.', headers) => who.call('POST', `/api/actions/${id}/step`, { json: { to, said }, headers });
const list = async (who, query = '') => (await who.all(`/api/actions${query}`)).map((a) => a.id);
const types = async (who, id) => (await who.all('/api/ledger')).filter((e) => e.subject === id).map((e) => e.type).reverse();

test('given by the national desk, read by its organisation, hidden from others', async () => {
  const { id } = await give(officer, { detail: 'At both border routers.\nThen look again.', person: analyst.id, lang: 'en' });
  const a = await read(analyst, id);
  assert.match(a.number, /^A-\d{4}-\d{6}$/);
  assert.deepEqual([a.title, a.detail, a.state, a.late, a.mine, a.tlp, a.owner.key, a.asker.key, a.person.id, a.about], ['Close port 8443', 'At both border routers.\nThen look again.', 'open', false, true, 'AMBER+STRICT', 'BNK', 'CERT', analyst.id, { kind: 'finding', id: finding.id }]);
  assert.deepEqual(a.may, { change: false, assign: true, done: true, verify: false, reopen: false, drop: false });
  assert.deepEqual((await read(officer, id)).may, { change: true, assign: true, done: false, verify: false, reopen: false, drop: true });
  refused(await outsider.call('GET', `/api/actions/${id}`), 404);
  assert.deepEqual([await list(analyst), await list(analyst, '?mine=true'), await list(second, '?mine=true'), await list(outsider), await list(officer, `?org=${w.BNK}`)], [[id], [id], [], [], [id]]);
  assert.deepEqual([await list(analyst, `?about=finding&subject=${finding.id}`), await list(analyst, `?about=notice&subject=${notice.id}`), await list(analyst, '?state=done')], [[id], [], []]);
  refused(await outsider.call('GET', `/api/actions?about=finding&subject=${finding.id}`), 404);
  refused(await outsider.call('GET', `/api/actions?org=${w.BNK}`), 404);
  refused(await analyst.call('GET', `/api/actions?subject=${finding.id}`), 422, 'error.action.about');
});

test('who may give what to whom', async () => {
  refused(await outsider.call('POST', '/api/actions', { json: { about: 'finding', subject: finding.id, title: 'Nothing', working_days: 3 } }), 404);
  refused(await outsider.call('POST', '/api/actions', { json: { about: 'organisation', subject: w.BNK, title: 'Nothing', working_days: 3 } }), 404);
  const reader = await site.person(w.BNK, 'reader@bnk.example', { roles: ['reader'] });
  refused(await reader.call('POST', '/api/actions', { json: { about: 'finding', subject: finding.id, title: 'Nothing', working_days: 3 } }), 403);
  refused(await officer.call('POST', '/api/actions', { json: { about: 'finding', subject: finding.id, title: 'Both', working_days: 3, due: iso(Date.now() + DAY) } }), 422, 'error.action.due');
  refused(await officer.call('POST', '/api/actions', { json: { about: 'finding', subject: finding.id, title: 'Neither' } }), 422, 'error.action.due');
  refused(await officer.call('POST', '/api/actions', { json: { about: 'finding', subject: finding.id, title: 'Past', due: '2020-01-01T00:00:00Z' } }), 422, 'error.action.past');
  refused(await officer.call('POST', '/api/actions', { json: { about: 'finding', subject: finding.id, title: 'Not theirs', working_days: 3, person: outsider.id } }), 422, 'error.action.person');
  const own = await give(boss, { about: 'organisation', subject: w.BNK, title: 'Write down who is called at night', due: undefined, working_days: 4 });
  const a = await read(analyst, own.id), due = await analyst.get(`/api/calendar/due?working_days=4&org=${w.BNK}`);
  assert.deepEqual([a.asker.key, a.owner.key, a.due.slice(0, 16)], ['BNK', 'BNK', due.due.slice(0, 16)]);
  const told = await give(officer, { about: 'notice', subject: notice.id, title: 'Answer the notice' });
  assert.equal((await read(boss, told.id)).owner.key, 'BNK');
});

test('done by its people, never verified by who did it, sent back, verified by another', async () => {
  const { id } = await give(officer, { title: 'Close it', person: analyst.id });
  refused(await step(officer, id, 'done'), 403);
  refused(await step(other, id, 'verified'), 409, 'error.action.step');
  refused(await analyst.call('POST', `/api/actions/${id}/step`, { json: { to: 'done', said: '' } }), 422);
  assert.equal((await step(analyst, id, 'done', 'Closed at both routers.')).status, 200);
  refused(await step(analyst, id, 'verified'), 403, 'error.action.own');
  refused(await step(second, id, 'done'), 409, 'error.action.step');
  const done = await read(officer, id);
  assert.deepEqual([done.state, done.done_said, done.done_by.id, done.may.verify, done.effect.findings, done.effect.again], ['done', 'Closed at both routers.', analyst.id, true, 1, 0]);
  assert.equal((await step(officer, id, 'open', 'Port still open from outside.')).status, 200);
  assert.deepEqual([(await read(analyst, id)).state, (await read(analyst, id)).said], ['open', 'Port still open from outside.']);
  assert.equal((await step(second, id, 'done', 'Now closed.')).status, 200);
  assert.equal((await step(analyst, id, 'verified', 'Tried from outside: closed.')).status, 200, 'a colleague may, who did not do it');
  const a = await read(boss, id);
  assert.deepEqual([a.state, a.closed_by.id, a.said], ['verified', analyst.id, 'Tried from outside: closed.']);
  assert.deepEqual(await types(boss, id), ['action.given', 'action.done', 'action.reopened', 'action.done', 'action.verified']);
  assert.equal((await types(outsider, id)).length, 0);
  await w.give([['198.18.64.9', 8443], ['198.18.65.9', 8443]], undefined, { hoursAgo: -1 }); // seen again, later than it was said to be done
  await poll('seen again', async () => (await read(boss, id)).effect.again === 1, 15000);
});

test('changed by who asked, assigned by its own people, dropped by who asked; in order and once', async () => {
  const { id } = await give(officer, { title: 'Replace the old gateway' });
  const at = (await read(officer, id)).version, match = (v) => ({ 'if-match': `"v${v}"` });
  const set = (who, json, v) => who.call('PATCH', `/api/actions/${id}`, { json, headers: match(v) });
  refused(await set(boss, { title: 'Something smaller' }, at), 403, 'error.action.change');
  assert.equal((await set(boss, { person: second.id }, at)).status, 200, 'who does it is for its own people too');
  refused(await set(officer, { title: 'Replace both gateways' }, at), 412);
  assert.equal((await set(officer, { title: 'Replace both gateways', due: iso(Date.now() + 9 * DAY) }, at + 1)).status, 200);
  assert.equal((await set(boss, { nobody: true }, at + 2)).status, 200);
  assert.equal((await read(boss, id)).person, null);
  refused(await step(boss, id, 'dropped'), 403, 'error.action.step_denied');
  assert.equal((await step(other, id, 'dropped', 'The gateways go with the move.')).status, 200, 'the same desk');
  refused(await step(boss, id, 'done'), 409, 'error.action.step');
  assert.equal((await step(officer, id, 'open', 'The move was called off.')).status, 200);
  const found = await poll('found by its words', async () => (await boss.get('/api/search?q=gateways&kind=action')).items[0], 10000);
  assert.equal(found.id, id);
  assert.equal((await outsider.get('/api/search?q=gateways')).items.length, 0);
});

test('late: told once to who does it, in the own language, or to all who work for the organisation', async () => {
  const mine = await give(officer, { title: 'Renew the certificate', person: second.id, due: iso(Date.now() + 1500) });
  const all = await give(officer, { title: 'Answer the audit', due: iso(Date.now() + 1500) });
  await poll('both are late', async () => (await read(boss, mine.id)).late && (await types(boss, mine.id)).includes('action.late') && (await types(boss, all.id)).includes('action.late'), 15000);
  const mails = async (number) => box.mails.filter((m) => m.subject.includes(number));
  const number = (await read(boss, mine.id)).number, everybody = (await read(boss, all.id)).number;
  await poll('mail', async () => (await mails(number)).length && (await mails(everybody)).length === 3, 15000);
  assert.deepEqual((await mails(number)).map((m) => [m.to[0], m.subject]), [['second@bnk.example', `تاخیر: ${number}`]]);
  assert.deepEqual((await mails(everybody)).map((m) => m.to[0]).sort(), ['analyst@bnk.example', 'focal@bnk.example', 'second@bnk.example']);
  assert.equal((await types(boss, mine.id)).filter((t) => t === 'action.late').length, 1);
});

test('every version stands, and a list as a file says what the screen says', async () => {
  const csv = await officer.call('GET', `/api/actions?org=${w.BNK}&format=csv`);
  assert.equal(csv.status, 200);
  assert.match(csv.text, /Replace both gateways/);
});
