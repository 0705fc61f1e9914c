// Walk: how long things are kept. Rules as shipped; law is blank. In a realm whose clock is set: rules named, a hold
// placed, five years pass: what is due goes by itself, from tables, lists, search and the next backup; what is held stays,
// from erasure too, until two lift the hold; then a run lets it go. The ledger says what went and verifies.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ON_PG } from './harness.mjs';
import { Site, poll, refused } from './site.mjs';
import { populate, report } from './world.mjs';

const DAY = 86400e3, YEARS = 5 * 365 * DAY, BNK = Array.from({ length: 450 }, (_, i) => `198.18.${64 + ((i + 1) >> 8)}.${(i + 1) & 255}`), MOX = ['198.18.4.31', '198.18.4.32', '198.18.4.33'];
let site, desk, there, w, outside, second, start, hold, old, kept = {};
const iso = (ms) => new Date(ms).toISOString();
const clock = (ms) => there.ok('PUT', '/api/realm/clock', { json: { now: iso(ms), frozen: false } });
const findings = (who = there) => who.all('/api/findings');
const rule = async (name, who = there) => (await who.get('/api/retention')).items.find((r) => r.name === name);
const effect = (name, more = '') => there.get(`/api/retention/${name}/preview${more}`);
/** Objects of the vault. */
const objects = () => readdirSync(path.join(site.dir, 'realm/later/files'), { recursive: true }).filter((n) => statSync(path.join(site.dir, 'realm/later/files', n)).isFile());
const file = (who, kind, id, name) => who.ok('POST', `/api/files?kind=${kind}&id=${id}&name=${name}`, { body: `what ${name} holds` });
const applied = async () => (await there.all('/api/ledger')).filter((e) => e.type === 'retention.applied').length;

before(async () => {
  outside = mkdtempSync(path.join(tmpdir(), 'minar-outside-'));
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  start = Date.now();
  const realm = await desk.post('/api/realms', { name: 'later', kind: 'demo', now: iso(start) });
  there = site.client({ key: realm.key });
  w = await populate(Object.assign(Object.create(site), { desk: there }));
  second = await site.person((await there.get('/api/session')).org.id, 'second@cert.example', { roles: ['reader', 'coordinator'] }, there);
  await w.give([...BNK, ...MOX].map((ip) => [ip]));
  await poll('all findings', async () => (await findings()).length === BNK.length + MOX.length, 60000);
  for (const [who, n] of [[w.bnk, BNK.length], [w.mox, MOX.length]]) {
    const told = await poll('all are told', async () => {
      const all = await who.all('/api/notices');
      return all.reduce((sum, x) => sum + x.findings, 0) === n && all.every((x) => x.state === 'sent') && all;
    }, 60000);
    await who.post('/api/bulk/answers', { answer: 'fixed', all: true }); // more than one slice takes
    await poll('all are answered', async () => (await findings(who)).every((f) => f.state === 'fixed'), 60000);
    for (const x of told) await who.ok('POST', `/api/notices/${x.id}/acknowledge`);
  }
  old = { findings: await findings(), notices: await there.all('/api/notices') };
  const [bnk, mox] = [BNK[7], MOX[2]].map((ip) => old.findings.find((f) => f.ip === ip).id);
  kept.file = await file(w.bnk, 'finding', bnk, 'gone.txt');
  kept.held = await file(w.mox, 'finding', mox, 'held.txt');
  kept.body = await file(there, 'organisation', w.BNK, 'contract.txt');
  kept.last = await file(there, 'organisation', w.BNK, 'newest.txt');
  for (const [name, who, id] of [['action', w.bnk, bnk], ['heldAction', w.mox, mox], ['lastAction', w.bnk, null]]) {
    kept[name] = await there.post('/api/actions', { about: id ? 'finding' : 'organisation', subject: id ?? w.BNK, title: `Close ${name}`, due: iso(start + 5 * DAY) });
    await who.ok('POST', `/api/actions/${kept[name].id}/step`, { json: { to: 'done', said: 'Closed.' } });
    await there.ok('POST', `/api/actions/${kept[name].id}/step`, { json: { to: 'verified', said: 'Closed indeed.' } });
  }
  kept.objects = objects();
  assert.ok(kept.objects.length >= 4);
});
after(async () => {
  await site.close();
  rmSync(outside, { recursive: true, force: true });
});

test('as shipped: what a law would say is blank, what the machine needs has its days; nothing goes', async () => {
  const { items, may_change } = await there.get('/api/retention');
  assert.equal(may_change, true);
  assert.deepEqual(items.map((r) => [r.name, r.basis, r.days, r.setting]), [['events', 'technical', 1095, 'history.retention_days'], ['reads', 'technical', 400, 'reads.keep_days'],
    ['notifications', 'technical', 400, null], ['mails', 'technical', 90, null], ['jobs', 'technical', 400, null], ['sign_in', 'technical', 30, null], ['acts', 'technical', 400, null], ['imports', 'law', null, null],
    ['files', 'law', null, null], ['actions', 'law', null, null], ['findings', 'law', null, null], ['notices', 'law', null, null]]);
  assert.deepEqual([(await effect('findings')).before, (await effect('findings', '?days=30')).due], [null, 0]);
  refused(await w.bnk.call('GET', '/api/retention'), 403);
  refused(await second.call('PUT', '/api/retention/findings', { json: { days: 30 } }), 403);
  refused(await there.call('GET', '/api/retention/nosuch/preview'), 404);
  refused(await there.call('PUT', '/api/retention/events', { json: { days: 30 } }), 409, 'error.office.retention_setting');
  refused(await there.call('PUT', '/api/retention/findings', { json: { days: 1 } }), 422);
});

test('a rule is named, and a hold placed; what it is on is not erased either', async () => {
  for (const name of ['findings', 'notices', 'files', 'actions', 'imports']) await there.ok('PUT', `/api/retention/${name}`, { json: { days: 1825 - 30 } });
  assert.deepEqual([(await rule('findings')).days, (await rule('findings')).changed], [1795, true]);
  hold = (await there.post('/api/holds', { kind: 'organisation', subject: w.MOX, reason: 'Case 12 of the High Court' })).id;
  refused(await there.call('POST', '/api/holds', { json: { kind: 'organisation', subject: w.MOX, reason: 'Case 12 of the High Court' } }), 409, 'error.office.held');
  refused(await there.call('POST', '/api/holds', { json: { kind: 'person', subject: w.MOX, reason: 'Case 12 of the High Court' } }), 404);
  refused(await w.bnk.call('GET', '/api/holds'), 403);
  const [h] = (await there.get('/api/holds')).items;
  assert.deepEqual([h.kind, h.subject, h.reason, h.lifted], ['organisation', w.MOX, 'Case 12 of the High Court', null]);
  for (let i = 0; i < 2; i++) { // asked for, and taken back
    const asked = await there.call('DELETE', `/api/holds/${hold}`);
    assert.equal(asked.status, 202, asked.text);
    await there.ok('DELETE', `/api/acts/${asked.json.id}`);
    kept.act ??= asked.json.id;
  }
  const mox = (await there.all('/api/people')).find((p) => p.org?.id === w.MOX);
  refused(await there.call('DELETE', `/api/people/${mox.id}`), 409, 'error.office.held');
  refused(await there.call('GET', `/api/people/${mox.id}/erasure`), 409, 'error.office.held');
});

test('five years later what is due goes by itself; what is held stays', async () => {
  await clock(start + YEARS);
  await w.give(report([['198.18.67.99'], ['198.18.4.99']], { hoursAgo: 2 - YEARS / 3600e3 }));
  await poll('new findings, and notices of them', async () => (await findings()).length >= 4 && (await there.all('/api/notices')).length >= 3, 30000);
  await clock(start + YEARS + 2 * DAY);
  await poll('the old ones of BNK are gone', async () => !(await findings()).some((f) => BNK.includes(f.ip)), 60000);
  const left = await findings();
  for (const ip of MOX) assert.ok(left.some((f) => f.ip === ip), `${ip} is held`);
  for (const f of old.findings.filter((x, i) => i % 50 === 0 || MOX.includes(x.ip))) assert.equal((await there.call('GET', `/api/findings/${f.id}`)).status, BNK.includes(f.ip) ? 404 : 200);
  await poll('the notice of BNK is gone', async () => (await there.all('/api/notices')).filter((n) => old.notices.some((o) => o.id === n.id)).every((n) => n.org.id === w.MOX), 30000);
  for (const ip of BNK.slice(-3)) assert.deepEqual((await there.get(`/api/search?q=${ip}`)).items.filter((i) => i.kind === 'finding'), []);
  assert.ok(await applied() >= 2);
  const f = await effect('findings');
  assert.deepEqual([f.due, f.held, f.whole], [0, 2, true]);
  assert.ok((await effect('events')).held > 0, 'which events are the held one\'s is not told apart');
});

test('files with their bytes, things to do, reports of imports and acts that waited go by rules of their own; held ones, and an organisation\'s, stay', async () => {
  assert.equal((await there.call('GET', `/api/files/${kept.file.id}`)).status, 404);
  for (const stays of ['held', 'body', 'last']) assert.equal((await there.call('GET', `/api/files/${kept[stays].id}/original`)).status, 200, stays);
  await poll('its bytes are gone, and no other ones', () => kept.objects.length - objects().length === 1, 20000);
  assert.equal((await there.call('GET', `/api/actions/${kept.action.id}`)).status, 404);
  for (const stays of ['heldAction', 'lastAction']) assert.equal((await there.call('GET', `/api/actions/${kept[stays].id}`)).status, 200, stays);
  assert.ok(!(await there.all('/api/imports')).some((r) => r.started < iso(start + DAY)));
  assert.ok((await effect('files')).held >= 1);
  assert.deepEqual([(await effect('acts')).due, (await rule('acts')).gone, (await rule('imports')).gone > 0], [0, 1, true]);
});

test('a hold is lifted by two; then a run lets go what it kept', async () => {
  const asked = await there.call('DELETE', `/api/holds/${hold}`);
  assert.equal(asked.status, 202, asked.text);
  assert.equal((await there.get('/api/holds')).items.length, 1);
  await second.ok('POST', `/api/acts/${asked.json.id}/approval`);
  assert.deepEqual([(await there.get('/api/holds')).items, (await there.get('/api/holds?state=all')).items.length], [[], 1]);
  refused(await there.call('DELETE', `/api/holds/${hold}`), 404);
  const f = await effect('findings');
  assert.deepEqual([f.due, f.held], [2, 0]);
  refused(await second.call('POST', '/api/retention/runs'), 403);
  const { id } = await there.ok('POST', '/api/retention/runs');
  const j = await poll('the run is over', async () => {
    const x = await there.get(`/api/jobs/${id}`);
    return x.state === 'done' && x;
  });
  assert.ok(j.done >= 3, JSON.stringify(j));
  assert.ok(!(await findings()).some((x) => MOX.includes(x.ip)));
  assert.equal((await effect('findings')).due, 0);
  assert.ok((await rule('findings')).gone >= 2);
  await clock(start + YEARS + 5 * DAY);
  await poll('old events go', async () => (await effect('events')).due === 0, 20000);
  const types = (await there.all('/api/ledger')).map((e) => e.type);
  for (const t of ['retention.changed', 'retention.applied', 'hold.placed', 'hold.lifted']) assert.ok(types.includes(t), t);
});

test('the command line; the ledger verifies; tables and the next backup hold none of it', async () => {
  const ls = await site.cli(['retention', 'ls', '--realm', 'later', '--json']), holds = await site.cli(['hold', 'ls', '--json']);
  assert.equal(ls.code, 0, ls.err);
  assert.equal(ls.json.items.length, 12);
  assert.equal(holds.code, 0, holds.err);
  const made = await site.cli(['backup', path.join(outside, 'backups'), '--json']);
  assert.equal(made.code, 0, made.err);
  await site.stop();
  const verified = await site.cli(['verify']);
  assert.equal(verified.code, 0, verified.err);
  const to = path.join(outside, 'copy'), beside = path.join(outside, 'settings.yaml');
  if (ON_PG) writeFileSync(beside, `listen: "127.0.0.1:${site.port}"\nstore:\n  url: ${JSON.stringify(site.database.url)}\n  schema: minar_copy\n`);
  const r = await site.cli(['restore', path.join(outside, 'backups'), '--to', to, ...(ON_PG ? ['--settings', beside] : [])]);
  assert.equal(r.code, 0, r.err);
  const texts = ON_PG ? ['minar_later', 'minar_copy_later'].map((s) => execFileSync('pg_dump', ['-h', /host=([^&]+)/.exec(site.database.url)[1], '-U', 'minar', '-d', site.database.name, '-n', s], { encoding: 'latin1', maxBuffer: 1 << 28 }))
    : [site.dir, to].map((d) => execFileSync('python3', ['-c', 'import sqlite3,sys\nfor l in sqlite3.connect("file:"+sys.argv[1]+"?mode=ro",uri=True).iterdump(): print(l)', path.join(d, 'realm/later/records.db')], { encoding: 'latin1', maxBuffer: 1 << 28 }));
  for (const text of texts) {
    assert.ok(text.includes('198.18.67.99'), 'the dump is of this realm');
    assert.ok(!text.toLowerCase().includes(kept.act.replaceAll('-', '')) && !text.includes(kept.act), 'the act is gone');
    for (const ip of [...BNK, ...MOX]) assert.ok(!text.includes(ip) && !text.toLowerCase().includes(Buffer.from(ip).toString('hex')), ip);
  }
  const history = readdirSync(path.join(to, 'realm/later'), { recursive: true }).filter((n) => /\d{4}-\d\d\.duckdb$/.test(n));
  assert.equal(history.length, 1, `the months of before are gone: ${history}`);
});
