// Leave and deputies: who is away says until when and who stands in; meanwhile mail goes to the deputy, who
// acknowledges and answers with no more rights than the person has, as "for X" in history and ledger; it
// ends by itself or early; there are no chains; the national desk hears for whom nobody acts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, desk, w, box, deputy, third, plain;
const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const ahead = (by, body) => by.call('POST', '/api/leaves', { json: body });
const leaves = async (by) => (await by.get('/api/leaves')).items;
const stands = async (by) => (await by.get('/api/session')).stands_in.map((s) => s.id);
const linkOf = (mail) => /https?:\/\/\S+\/l\/[\w.-]+/.exec(mail.text)?.[0];
const findingOf = (ip) => poll(`a finding at ${ip}`, async () => (await desk.all('/api/findings')).find((f) => f.ip === ip));
const noticeOf = async (f) => poll('its notice', async () => (await desk.get(`/api/findings/${f.id}`)).notice);
const types = async (by = desk) => (await by.all('/api/ledger')).map((e) => e.type);
const answer = (by, f, a = 'fixed', query = '') => by.call('POST', `/api/findings/${f.id}/answer${query}`, { json: { answer: a } });

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 1 } } });
  desk = site.desk;
  w = await populate(site);
  [deputy, third, plain] = await Promise.all(['deputy', 'third', 'plain'].map((n) => site.person(w.BNK, `${n}@bnk.example`, { contact_role: 'none', roles: ['reader'], lang: n === 'deputy' ? 'ur' : 'en' })));
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('a leave is refused in words: times, deputy, length, overlap, other people', async () => {
  refused(await ahead(w.bnk, { from: at(60), until: at(30) }), 422, 'error.office.leave_time');
  refused(await ahead(w.bnk, { from: at(-600), until: at(-60) }), 422, 'error.office.leave_time');
  refused(await ahead(w.bnk, { from: at(60), until: at(121 * 86400) }), 422, 'error.office.leave_long');
  refused(await ahead(w.bnk, { from: at(60), until: at(600), deputy: w.bnk.id }), 422, 'error.office.leave_deputy');
  refused(await ahead(w.bnk, { from: at(60), until: at(600), deputy: w.mox.id }), 404);
  refused(await ahead(desk, { from: at(60), until: at(600), person: w.bnk.id, deputy: w.mox.id }), 422, 'error.office.leave_deputy');
  refused(await ahead(plain, { from: at(60), until: at(600), person: w.bnk.id }), 403, 'error.access.leave');
  refused(await ahead(w.bnk, { from: at(60), until: at(600), person: w.mox.id }), 404);
  assert.equal((await leaves(desk)).length, 0);
});

test('planned, seen by the own organisation and the desk alone, taken back by the deputy', async () => {
  const { id } = await w.bnk.post('/api/leaves', { from: at(86400), until: at(2 * 86400), deputy: deputy.id });
  refused(await ahead(w.bnk, { from: at(86400 + 60), until: at(3 * 86400) }), 409, 'error.office.leave_overlap');
  refused(await ahead(deputy, { from: at(0), until: at(3 * 86400), deputy: w.bnk.id }), 409, 'error.office.leave_deputy_away');
  const [mine] = await leaves(w.bnk), [theirs] = await leaves(deputy), [other] = await leaves(plain);
  assert.deepEqual([mine.state, mine.mine, mine.standing, mine.may_end, mine.covered, mine.deputy.id], ['planned', true, false, true, true, deputy.id]);
  assert.deepEqual([theirs.mine, theirs.standing, theirs.may_end, other.standing, other.may_end], [false, true, true, false, false]);
  assert.equal((await leaves(w.mox)).length, 0);
  assert.equal((await leaves(desk)).length, 1);
  assert.deepEqual(await stands(deputy), [], 'not before it begins');
  refused(await plain.call('DELETE', `/api/leaves/${id}`), 403);
  refused(await w.mox.call('DELETE', `/api/leaves/${id}`), 404);
  const m = await poll('the deputy is told', () => box.to('deputy@bnk.example').find((x) => x.text.includes('/leave')));
  assert.match(m.text, /Bilal Raza/);
  assert.match(m.html, /dir="rtl"/);
  await deputy.ok('DELETE', `/api/leaves/${id}`);
  refused(await w.bnk.call('DELETE', `/api/leaves/${id}`), 409, 'error.office.leave_over');
  await poll('the person is told', () => box.to('focal@bnk.example').find((x) => /ended your leave/.test(x.text)));
  assert.ok((await types(w.bnk)).includes('leave.entered') && (await types(w.bnk)).includes('leave.ended'));
});

test('while away: the deputy gets the notice by mail, acknowledges by its link, as "for X" in history and ledger', async () => {
  const { id } = await w.bnk.post('/api/leaves', { from: at(-5), until: at(3600), deputy: deputy.id });
  assert.deepEqual(await stands(deputy), [w.bnk.id]);
  assert.deepEqual(await stands(plain), []);
  await poll('its beginning is written down', async () => (await types(w.bnk)).includes('leave.began'));
  await w.give([['198.18.64.30', 9443, 'low']]);
  const f = await findingOf('198.18.64.30'), notice = await noticeOf(f);
  const { number } = await desk.get(`/api/notices/${notice}`);
  const m = await poll('the mail', () => box.to('deputy@bnk.example').find((x) => x.subject.includes(number)));
  assert.match(m.text, /Bilal Raza/, 'it says for whom');
  assert.ok(!box.to('focal@bnk.example').some((x) => x.subject.includes(number)), 'who is away gets none');
  const [mail] = (await w.bnk.get(`/api/notices/${notice}`)).deliveries.filter((d) => d.channel === 'mail');
  assert.deepEqual([mail.to, mail.for_whom], ['P deputy@bnk.example', 'Bilal Raza']);
  assert.equal((await site.press(linkOf(m))).status, 200);
  const n = await w.bnk.get(`/api/notices/${notice}`);
  assert.deepEqual([n.state, n.acknowledged_by, n.acknowledged_for], ['acknowledged', 'P deputy@bnk.example', 'Bilal Raza']);
  const e = (await w.bnk.all('/api/ledger')).find((x) => x.type === 'notice.acknowledged' && x.subject === notice);
  assert.match(e.who, /deputy@bnk/);
  assert.equal(e.for_whom, 'Bilal Raza');
  w.leave = id;
});

test('the deputy answers by the right of who is away, and has no other right of theirs', async () => {
  const f = await findingOf('198.18.64.30');
  refused(await answer(plain, f), 403, 'error.access.role');
  refused(await answer(deputy, f, 'fixed', `?for_person=${plain.id}`), 403, 'error.access.not_standing');
  refused(await answer(deputy, f, 'fixed', '?for_person=00000000-0000-4000-8000-000000000000'), 403, 'error.access.not_standing');
  assert.equal((await answer(deputy, f)).status, 200);
  const seen = await w.bnk.get(`/api/findings/${f.id}`);
  assert.deepEqual([seen.state, seen.answered_by, seen.answered_for], ['fixed', 'P deputy@bnk.example', 'Bilal Raza']);
  assert.equal((await answer(w.bnk, f, 'false_positive')).status, 200);
  assert.equal((await w.bnk.get(`/api/findings/${f.id}`)).answered_for, null, 'who is away may act, for itself');
  assert.equal((await answer(deputy, f, 'not_mine', `?for_person=${w.bnk.id}`)).status, 200);
  const told = (await w.bnk.all('/api/ledger')).filter((x) => x.type === 'finding.answered' && x.subject === f.id);
  assert.deepEqual(told.map((x) => x.for_whom), ['Bilal Raza', undefined, 'Bilal Raza']);
  const may = (await deputy.get('/api/session')).permissions, theirs = (await w.bnk.get('/api/session')).permissions;
  assert.ok(may.every((p) => theirs.includes(p)));
  for (const p of ['person.write', 'person.invite', 'act.decide', 'ledger.read', 'key.write']) assert.ok(!may.includes(p), p);
  refused(await deputy.call('POST', '/api/people', { json: { name: 'X', mail: 'x@bnk.example', org: w.BNK } }), 403);
  refused(await answer(deputy, (await findingOf('198.18.64.30')), 'fixed', `?for_person=${w.mox.id}`), 403);
});

test('a deputy\'s key stands in for nobody', async () => {
  const analyst = await site.person(w.BNK, 'analyst@bnk.example', { contact_role: 'none', roles: ['reader', 'analyst'] });
  const { id } = await third.post('/api/leaves', { from: at(-5), until: at(600), deputy: analyst.id });
  const { secret } = await analyst.post('/api/keys', { name: 'robot', access: 'write' });
  const f = await findingOf('198.18.64.30'), robot = site.client({ key: secret });
  assert.deepEqual(await stands(robot), []);
  refused(await answer(robot, f, 'fixed', `?for_person=${third.id}`), 403);
  assert.equal((await answer(robot, f)).status, 200, 'its own right stays');
  refused(await answer(analyst, f, 'not_mine', `?for_person=${third.id}`), 403, 'error.access.not_standing');
  await third.ok('DELETE', `/api/leaves/${id}`);
});

test('no chains: a deputy who goes away stands in for nobody, and who stands in for the deputy gets the deputy\'s own rights', async () => {
  const { id } = await desk.post('/api/leaves', { person: deputy.id, from: at(-5), until: at(3600), deputy: third.id });
  assert.deepEqual(await stands(deputy), []);
  assert.deepEqual(await stands(third), [deputy.id]);
  const f = await findingOf('198.18.64.30');
  refused(await answer(deputy, f), 403);
  refused(await answer(third, f), 403);
  refused(await answer(third, f, 'fixed', `?for_person=${w.bnk.id}`), 403);
  const gap = await poll('the desk hears that nobody acts for the bank', async () => (await desk.get('/api/leaves/gaps')).items[0]);
  assert.equal(gap.key, 'BNK');
  assert.equal((await leaves(w.bnk)).find((l) => l.id === w.leave).covered, false);
  assert.ok((await types()).includes('leave.uncovered'));
  refused(await w.mox.call('GET', '/api/leaves/gaps'), 403);
  await w.give([['198.18.64.31', 9443, 'low']]);
  const { number } = await desk.get(`/api/notices/${await noticeOf(await findingOf('198.18.64.31'))}`);
  await poll('with nobody standing in the mail goes as always', () => box.to('focal@bnk.example').find((x) => x.subject.includes(number)), 30000);
  await deputy.ok('DELETE', `/api/leaves/${id}`);
  assert.deepEqual(await stands(deputy), [w.bnk.id]);
  await poll('the gap is closed', async () => (await desk.get('/api/leaves/gaps')).items.length === 0);
  assert.ok((await types()).includes('leave.covered'));
});

test('the national desk is told by mail, once', async () => {
  const home = (await desk.get('/api/session')).org.id;
  await site.person(home, 'officer@cert.example', { roles: ['reader', 'coordinator'], contact_role: 'none' });
  const { id } = await w.mox.post('/api/leaves', { from: at(-5), until: at(3600) });
  const m = await poll('the mail', () => box.to('officer@cert.example').find((x) => /Nobody acts/.test(x.subject)));
  assert.match(m.text, /Ministry of Examples/);
  await new Promise((r) => setTimeout(r, 4500));
  assert.equal(box.to('officer@cert.example').filter((x) => /Nobody acts/.test(x.subject)).length, 1);
  await w.mox.ok('DELETE', `/api/leaves/${id}`);
});

test('a disabled person\'s deputy stands in for nobody; ending early ends at once, the link in the mail too', async () => {
  await w.give([['198.18.64.32', 9443, 'low']]);
  const f = await findingOf('198.18.64.32'), notice = await noticeOf(f), { number } = await desk.get(`/api/notices/${notice}`);
  const m = await poll('the mail', () => box.to('deputy@bnk.example').find((x) => x.subject.includes(number)), 30000);
  const state = async (s) => desk.ok('PATCH', `/api/people/${w.bnk.id}`, { json: { state: s } });
  await state('disabled');
  assert.deepEqual(await stands(deputy), []);
  refused(await answer(deputy, f), 403);
  await state('active');
  assert.deepEqual(await stands(deputy), [w.bnk.id]);
  await desk.ok('DELETE', `/api/leaves/${w.leave}`);
  assert.deepEqual(await stands(deputy), []);
  refused(await answer(deputy, f), 403);
  assert.equal((await site.press(linkOf(m))).status, 404);
  assert.equal((await desk.get(`/api/notices/${notice}`)).state, 'sent');
  await poll('the deputy is told', () => box.to('deputy@bnk.example').filter((x) => x.text.includes('/leave')).length >= 3);
});

test('it ends by itself, without anybody pressing anything', async () => {
  const f = await findingOf('198.18.64.32'), before = (await types()).filter((t) => t === 'leave.ended').length;
  const { id } = await third.post('/api/leaves', { from: at(-5), until: at(4), deputy: plain.id });
  assert.deepEqual(await stands(plain), [third.id]);
  refused(await answer(plain, f), 403, 'error.access.role');
  await poll('the right is gone', async () => (await stands(plain)).length === 0, 8000);
  assert.equal((await leaves(third)).find((l) => l.id === id).state, 'over');
  await poll('and it is written down', async () => (await types()).filter((t) => t === 'leave.ended').length === before + 1, 8000);
});

test('under an injected clock: planned, on, over, in a realm of its own', async () => {
  const realm = await desk.post('/api/realms', { name: 'demo', kind: 'demo', now: '2030-01-01T00:00:00Z' });
  const there = site.client({ key: realm.key }), clock = (now) => there.ok('PUT', '/api/realm/clock', { json: { now, frozen: true } });
  await clock('2030-01-01T00:00:00Z');
  const o = await there.post('/api/organisations', { key: 'X', name_en: 'X', kind: 'bank' });
  const [away, stand] = [await site.person(o.id, 'a@x.example', {}, there), await site.person(o.id, 'b@x.example', { contact_role: 'none', roles: ['reader'] }, there)];
  const { id } = await away.post('/api/leaves', { from: '2030-02-01T00:00:00Z', until: '2030-02-15T00:00:00Z', deputy: stand.id });
  const seen = async () => [(await leaves(stand)).find((l) => l.id === id)?.state, (await stands(stand)).length];
  assert.deepEqual(await seen(), ['planned', 0]);
  await clock('2030-01-31T23:59:59Z');
  assert.deepEqual(await seen(), ['planned', 0]);
  await clock('2030-02-01T00:00:00Z');
  assert.deepEqual(await seen(), ['on', 1]);
  await clock('2030-02-14T23:59:59Z');
  assert.deepEqual(await seen(), ['on', 1]);
  await clock('2030-02-15T00:00:00Z');
  assert.deepEqual(await seen(), ['over', 0]);
  await poll('its end is written down', async () => (await types(there)).includes('leave.ended'));
  await desk.ok('DELETE', '/api/realms/demo');
});

test('the command line: add, ls, gaps, end', async () => {
  const made = await site.cli(['leave', 'add', '--person', third.id, '--from', at(86400), '--until', at(2 * 86400), '--deputy', plain.id, '--json']);
  assert.equal(made.code, 0, made.err);
  const list = await site.cli(['leave', 'ls', '--json']);
  assert.ok(list.out.includes(made.json.id), list.out);
  assert.equal((await site.cli(['leave', 'gaps'])).code, 0);
  const ended = await site.cli(['leave', 'end', made.json.id]);
  assert.equal(ended.code, 0, ended.err);
});

test('after all that the ledger fits its records', async () => {
  assert.ok((await desk.ok('POST', '/api/ledger/verify')).versions > 10);
});
