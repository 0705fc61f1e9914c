// Walk: long works and acts on many things. What would change is shown first and changes nothing; it is then done as a
// job by the rights that its asker has, one ledger entry each; undone within thirty seconds where nobody answered since;
// stopped after the slice in hand; cut off by kill -9 and taken up again, once. Files read in stand in the same list.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000', MANY = 700;
let site, desk, w, analyst, reader, officer;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  analyst = await site.person(w.BNK, 'analyst@bnk.example', { roles: ['reader', 'analyst'], lang: 'en' });
  reader = await site.person(w.BNK, 'reader@bnk.example', { roles: ['reader'], lang: 'ur' });
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'coordinator'], lang: 'en' });
  const address = (i) => `198.18.${64 + (i >> 8)}.${i & 255}`;
  await w.give(Array.from({ length: MANY }, (_, i) => [address(i)]));
  await w.give([['198.18.4.10'], ['198.18.4.11']]);
  await poll('all findings', async () => (await desk.all('/api/findings')).length === MANY + 2, 60000);
});
after(() => site.close());

/** The supervisor and all its children at once, as a power cut would. */
async function killAll() {
  const { child } = site.server, gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  site.server = undefined;
}
const findings = (who, q = '') => who.all(`/api/findings${q}`);
const entries = async (type, who = officer) => (await who.all('/api/ledger')).filter((e) => e.type === type);
const preview = (who, json) => who.post('/api/bulk/answers/preview', json);
const over = (who, id) => poll('the job is over', async () => {
  const j = await who.get(`/api/jobs/${id}`);
  return !['ready', 'running'].includes(j.state) && j;
}, 60000);

test('a preview says how many change, how many do not and why, and whose people see it; nothing changes', async () => {
  const own = (await findings(analyst)).slice(0, 3).map((f) => f.id);
  const [theirs] = await findings(w.mox);
  const ids = [...own, theirs.id, ABSENT];
  const p = await preview(analyst, { answer: 'fixed', ids });
  assert.deepEqual([p.total, p.done, p.same, p.denied, p.absent, p.late, p.undo], [5, 3, 0, 0, 2, 0, true], 'what is not seen is as what is not there');
  assert.deepEqual(p.owners.map((o) => [o.org.key, o.n]), [['BNK', 3]]);
  const national = await desk.call('POST', '/api/bulk/answers/preview', { json: { answer: 'fixed', ids: own } });
  if (national.status === 200) assert.deepEqual([national.json.done, national.json.denied], [0, 3], 'the answer is the owner\'s');
  assert.equal((await findings(analyst, '?state=open')).length, MANY);
  assert.deepEqual((await officer.get('/api/ledger?limit=100')).items.filter((e) => /^(job\.|finding\.answered)/.test(e.type)), []);
  refused(await reader.call('POST', '/api/bulk/answers/preview', { json: { answer: 'fixed', ids: own } }), 403);
});

test('what is asked wrongly is refused in words', async () => {
  for (const [json, status] of [[{ answer: 'fixed' }, 422], [{ answer: 'fixed', ids: [] }, 422], [{ answer: 'fixed', ids: ['x'] }, 422], [{ answer: 'gone', all: true }, 422], [{ answer: 'fixed', all: true, state: 'closed' }, 422], [{ answer: 'fixed', all: true, total: 7 }, 409]]) {
    const a = await analyst.call('POST', '/api/bulk/answers', { json });
    assert.ok([400, status].includes(a.status), `${JSON.stringify(json)}: ${a.status} ${a.text}`);
  }
  assert.equal((await analyst.get('/api/jobs')).items.length, 0);
  for (const [method, path] of [['GET', ''], ['DELETE', ''], ['POST', '/undo']]) refused(await analyst.call(method, `/api/jobs/${ABSENT}${path}`), 404);
});

test('selected findings are answered as a job, one entry each; undone they stand as before', async () => {
  const own = (await findings(analyst)).slice(0, 3);
  const size = (await entries('finding.answered')).length;
  const asked = await analyst.post('/api/bulk/answers', { answer: 'fixed', ids: own.map((f) => f.id), total: 3 });
  assert.deepEqual([asked.total, asked.undo], [3, true]);
  const j = await over(analyst, asked.id);
  assert.deepEqual([j.kind, j.state, j.done, j.total, j.mine, j.result], ['answer', 'done', 3, 3, true, { done: 3, same: 0, denied: 0, absent: 0, late: 0 }]);
  assert.ok(j.undo_until && j.started && j.finished);
  assert.equal((await entries('finding.answered')).length, size + 3);
  // One of them is answered otherwise meanwhile: it stays so.
  await analyst.post(`/api/findings/${own[0].id}/answer`, { answer: 'not_mine' });
  refused(await w.mox.call('POST', `/api/jobs/${asked.id}/undo`), 404);
  refused(await w.bnk.call('POST', `/api/jobs/${asked.id}/undo`), 404);
  const undo = await analyst.post(`/api/jobs/${asked.id}/undo`);
  const u = await over(analyst, undo.id);
  assert.deepEqual([u.kind, u.state, u.result.done, u.result.late], ['answer_undo', 'done', 2, 1]);
  for (const [i, f] of own.entries()) {
    const now = await analyst.get(`/api/findings/${f.id}`);
    assert.deepEqual([now.state, now.answered], i ? [f.state, null] : ['not_mine', now.answered]);
  }
  const [last, before] = (await analyst.get(`/api/findings/${own[1].id}/versions`)).items;
  assert.deepEqual([last.entry, before.entry], ['finding.answer_undone', 'finding.answered']);
  refused(await analyst.call('POST', `/api/jobs/${asked.id}/undo`), 409);
  refused(await analyst.call('POST', `/api/jobs/${undo.id}/undo`), 409);
  await analyst.post(`/api/findings/${own[0].id}/answer`, { answer: 'fixed' });
});

test('a job is its asker\'s and the administrator\'s; others do not hear of it', async () => {
  const [{ id }] = (await analyst.get('/api/jobs')).items;
  for (const who of [w.mox, w.bnk, reader, officer]) {
    assert.ok(!(await who.get('/api/jobs')).items.some((j) => j.id === id));
    refused(await who.call('GET', `/api/jobs/${id}`), 404);
    refused(await who.call('DELETE', `/api/jobs/${id}`), 404);
  }
  const seen = await desk.get(`/api/jobs/${id}`);
  assert.deepEqual([seen.mine, seen.kind], [false, 'answer_undo']);
  assert.equal(seen.undo_until, null, 'nobody undoes another\'s');
});

test('files that are read in stand in the same list, with their own truth', async () => {
  const imports = (await desk.get('/api/imports')).items, jobs = (await desk.get('/api/jobs')).items.filter((j) => j.kind === 'import');
  assert.deepEqual(jobs.map((j) => j.id).sort(), imports.map((i) => i.id).sort());
  for (const j of jobs) assert.deepEqual([j.state, j.unit, j.done, j.may_stop], ['done', 'bytes', j.total, false]);
  assert.deepEqual(await desk.get(`/api/jobs/${jobs[0].id}`), jobs[0]);
  refused(await desk.call('DELETE', `/api/jobs/${jobs[0].id}`), 409);
  refused(await analyst.call('GET', `/api/jobs/${jobs[0].id}`), 404);
});

test('kill -9 in the middle: it goes on once, and nothing is done twice', async () => {
  const size = (await entries('finding.answered')).length, open = (await findings(analyst, '?state=open')).length;
  const asked = await analyst.post('/api/bulk/answers', { answer: 'false_positive', all: true, state: 'open' });
  const at = await poll('it is under way', async () => {
    const j = await analyst.get(`/api/jobs/${asked.id}`);
    return j.done > 0 && j;
  }, 60000);
  await killAll();
  await site.start();
  const j = await over(analyst, asked.id);
  assert.deepEqual([j.state, j.done, j.result.done, j.result.same], ['done', open, open, 0], `killed at ${at.done} of ${open}`);
  assert.equal((await findings(analyst, '?state=false_positive')).length, open);
  const told = (await entries('finding.answered')).slice(0, open).map((e) => e.subject);
  assert.deepEqual([(await entries('finding.answered')).length - size, new Set(told).size], [open, open]);
});

test('stopped after the slice in hand: what was done stays, and is undone on request', async () => {
  const asked = await analyst.post('/api/bulk/answers', { answer: 'fixed', all: true, state: 'false_positive' });
  await poll('it is under way', async () => (await analyst.get(`/api/jobs/${asked.id}`)).done > 0, 60000);
  const stop = await analyst.call('DELETE', `/api/jobs/${asked.id}`);
  const j = await over(analyst, asked.id);
  if (stop.status === 200 || stop.status === 204) assert.equal(j.state, 'stopped');
  refused(await analyst.call('DELETE', `/api/jobs/${asked.id}`), 409);
  const u = await over(analyst, (await analyst.post(`/api/jobs/${asked.id}/undo`)).id);
  assert.deepEqual([u.result.done, u.result.late], [j.result?.done ?? 0, 0]);
  assert.equal((await findings(analyst, '?state=fixed')).length, 1);
});

test('notices: acknowledged and taken back many at once; it says beforehand that it cannot be undone', async () => {
  const sent = (await w.bnk.all('/api/notices?state=sent')).length;
  const p = await w.bnk.post('/api/bulk/acknowledgements/preview', { all: true, state: 'sent' });
  assert.deepEqual([p.total, p.done, p.undo], [sent, sent, false]);
  const { id } = await w.bnk.post('/api/bulk/acknowledgements', { all: true, state: 'sent' });
  const j = await over(w.bnk, id);
  assert.deepEqual([j.result.done, j.undo_until], [sent, null]);
  assert.equal((await w.bnk.all('/api/notices?state=acknowledged')).length, sent);
  const back = await officer.post('/api/bulk/withdrawals/preview', { all: true });
  assert.equal(back.done, 0);
  assert.ok(back.late > 0, 'what has left is not taken back');
  const undone = await over(officer, (await officer.post('/api/bulk/withdrawals', { all: true })).id);
  assert.deepEqual([undone.result.late, undone.result.done], [back.late, 0]);
  refused(await w.bnk.call('POST', '/api/bulk/withdrawals', { json: { all: true } }), 403);
});

test('whoever may not any more does not go on', async () => {
  const leaver = await site.person(w.BNK, 'leaver@bnk.example', { roles: ['reader', 'analyst'], lang: 'en' });
  const key = site.client({ key: (await leaver.post('/api/keys', { name: 'reads', access: 'read' })).secret });
  refused(await key.call('POST', '/api/bulk/answers', { json: { answer: 'fixed', all: true } }), 403);
  const { id } = await leaver.post('/api/bulk/answers', { answer: 'not_mine', all: true, state: 'false_positive' });
  await desk.call('PATCH', `/api/people/${leaver.id}`, { json: { state: 'disabled' }, ifMatch: '*' });
  const j = await over(desk, id);
  assert.ok(['failed', 'done'].includes(j.state));
  if (j.state === 'failed') assert.ok(j.words);
});

test('the command line shows them, previews and asks', async () => {
  const ls = await site.cli(['job', 'ls', '--state', 'done']);
  assert.equal(ls.code, 0, ls.err);
  assert.match(ls.out, /import/);
  const p = await site.cli(['notice', 'undo-preview', '--all', '--json']);
  assert.equal(p.code, 0, p.err);
  assert.equal(p.json.done, 0);
});
