// The demonstration country on an empty site: made by one command, of the same content for the same
// seed and time, refused twice, provable.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, Site, poll, refused } from './site.mjs';

const NOW = '2026-11-20T06:00:00Z', SCALE = '5';
const sites = [];
before(async () => { sites.push(await Site.open({ serve: false })); });
after(async () => { for (const s of sites) await s.close(); });

const make = (s, ...more) => s.cli(['demo', '--seed', '1', '--now', NOW, '--scale', SCALE, ...more], { ms: 150000 });

/** What people count, without what is drawn freshly (ids, keys). */
async function figures(s) {
  const there = (await s.desk.get('/api/realms')).items.find((r) => r.name === 'demo');
  assert.equal(there.kind, 'demo');
  const desk = new Client(s, { realm: 'demo' });
  const orgs = await desk.all('/api/organisations');
  const findings = await desk.all('/api/findings');
  const notices = await desk.all('/api/notices');
  const summary = await desk.get('/api/events/summary?from=2026-11-01T00:00:00Z&to=2026-11-21T00:00:00Z');
  const by = (items, of) => items.reduce((n, x) => ({ ...n, [of(x)]: (n[of(x)] ?? 0) + 1 }), {});
  return { orgs: orgs.map((o) => o.key).sort(), people: (await desk.all('/api/people')).length, events: summary.count, facets: summary.facets.type ?? summary.facets, findings: by(findings, (f) => `${f.org.key} ${f.identifier}`), notices: notices.length, urdu: orgs.filter((o) => o.name.ur).length };
}

test('an empty site gets a country in one command', async () => {
  const [s] = sites;
  const r = await make(s);
  assert.equal(r.code, 0, r.err);
  await s.start();
  const f = await figures(s);
  assert.ok(f.orgs.length >= 20, `${f.orgs.length} organisations`);
  assert.ok(f.events > 100 && Object.keys(f.findings).length > 5 && f.notices > 5, JSON.stringify(f).slice(0, 500));
  assert.ok(f.urdu >= f.orgs.length - 1);
  const there = new Client(s, { realm: 'demo' });
  const states = new Set((await there.all('/api/notices')).map((n) => n.state));
  assert.ok(states.has('acknowledged') && states.has('sent'), [...states].join());
  const away = (await there.get('/api/leaves')).items;
  assert.deepEqual(away.map((l) => [l.state, l.covered]).sort(), [['on', false], ['on', true]], 'one with a deputy, one with nobody');
  assert.deepEqual((await there.get('/api/acts')).items.map((a) => a.act), ['delegation_give'], 'one act waits for a second person');
  const hung = (await there.all('/api/ledger')).filter((e) => e.type === 'file.attached' || /^file\./.test(e.type));
  assert.ok(hung.length > 0, 'an agency sent a file');
  const contacts = await there.all('/api/contacts'), stand = contacts.map((l) => l.state);
  assert.ok(stand.filter((x) => x === 'fresh').length > stand.filter((x) => x === 'due').length && stand.includes('due'), `contacts: ${stand}`);
  assert.equal((await s.desk.get('/api/organisations')).items.length, 1, 'the live site has only itself');
  s.figures = f;
});

test('asked twice it says so, and changes nothing', async () => {
  const [s] = sites;
  const r = await make(s);
  assert.notEqual(r.code, 0);
  assert.match(r.err, /^minar: .{20,}/m);
  assert.deepEqual(await figures(s), s.figures);
});

test('the realm\'s ledger verifies, and the live one', async () => {
  const [s] = sites;
  for (const args of [['verify', '--realm', 'demo', '--json'], ['verify', '--json']]) {
    const r = await s.cli(args);
    assert.equal(r.code, 0, r.err);
    assert.ok(r.json.entries > 0 && r.json.root, r.out);
  }
});

test('the same seed and time give the same country', async () => {
  const other = await Site.open();
  sites.push(other);
  const r = await make(other);
  assert.equal(r.code, 0, r.err);
  assert.deepEqual(await figures(other), sites[0].figures);
});

test('it lives on for a few steps', async () => {
  const [s] = sites;
  const before = (await new Client(s, { realm: 'demo' }).get('/api/events/summary')).count;
  const r = await s.cli(['demo', '--live', '--ticks', '2'], { ms: 60000 });
  assert.equal(r.code, 0, r.err);
  assert.ok((await new Client(s, { realm: 'demo' }).get('/api/events/summary')).count > before);
});

test('taken away, nothing of it is left', async () => {
  const [s] = sites;
  assert.equal((await s.cli(['realm', 'rm', 'demo'])).code, 0);
  assert.deepEqual((await s.desk.get('/api/realms')).items.map((r) => r.name), ['live']);
  assert.equal((await s.cli(['verify'])).code, 0);
});

test('the button of the console fills it while the server goes on; removed on the way, it ends at once', async () => {
  const [s] = sites;
  refused(await s.desk.call('POST', '/api/realms', { json: { name: 'demo', kind: 'demo', fill: true, now: NOW } }), 422, 'error.realm.fill_now');
  refused(await s.desk.call('POST', '/api/realms', { json: { name: 'other', kind: 'demo', fill: true } }), 422, 'error.realm.fill_name');
  const made = await s.desk.post('/api/realms', { name: 'demo', kind: 'demo', fill: true });
  assert.ok(made.filling >= 0 && made.key && made.link, JSON.stringify(made));
  const there = new Client(s, { realm: 'demo' }), of = async (name) => (await s.desk.get('/api/realms')).items.find((r) => r.name === name);
  await poll('days go by', async () => (await of('demo')).filling >= 13, 60000);
  assert.equal((await of('live')).filling, null);
  assert.ok((await there.all('/api/organisations')).length >= 20);
  assert.ok((await there.get('/api/events/summary?from=2020-01-01T00:00:00Z')).count > 100);
  const began = Date.now();
  await s.desk.ok('DELETE', '/api/realms/demo');
  assert.ok(Date.now() - began < 15000, 'it does not go on to its end');
  assert.deepEqual((await s.desk.get('/api/realms')).items.map((r) => [r.name, r.filling]), [['live', null]]);
  assert.deepEqual(readdirSync(path.join(s.dir, 'spool')).filter((n) => n.startsWith('demo-')), []);
  assert.doesNotMatch(s.server.log, /what=demo.fill/);
});
