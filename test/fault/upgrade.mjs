// upgrade.mjs - from the programs of earlier commits (the line of the CHANGELOG that says so) to this one, on filled data of
// both engines: all that stood is read as it was, the ledger goes on from the root it had, and work goes on. And back: the
// old program leaves an upgraded installation alone, in words; the copy that was put aside before runs as it did.
// MINAR=build/minar [MINAR_STORE=pg] node test/fault/upgrade.mjs   builds the earlier programs below build-upgrade (minutes, once)
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { MINAR, ON_PG, SOURCE } from '../api/harness.mjs';
import { Client, Site, poll, run, sharedPostgres } from '../api/site.mjs';
import { populate } from '../api/world.mjs';

/** The commits that the CHANGELOG names. */
function commits() {
  const line = /^Upgrades are tried from these commits: (.*)$/m.exec(readFileSync(path.join(SOURCE, 'CHANGELOG.md'), 'utf8'));
  const found = [...line[1].matchAll(/\b[0-9a-f]{7,40}\b/g)].map((m) => m[0]);
  assert.ok(found.length, line[0]);
  return found;
}

/** The program of a commit, without its console. */
function programOf(commit) {
  const folder = path.join(SOURCE, 'build-upgrade', commit), src = path.join(folder, 'src'), made = path.join(folder, 'build/minar');
  if (existsSync(made)) return made;
  if (!existsSync(path.join(src, 'meson.build'))) {
    mkdirSync(src, { recursive: true });
    const tar = execFileSync('git', ['-C', SOURCE, 'archive', commit], { maxBuffer: 1 << 30 });
    execFileSync('tar', ['-x', '-C', src], { input: tar });
  }
  for (const [words, there] of [[['meson', 'setup', 'build', 'src', '-Dconsole=false'], 'build/build.ninja'], [['ninja', '-C', 'build', 'minar']]]) {
    if (there && existsSync(path.join(folder, there))) continue;
    const r = spawnSync(words[0], words.slice(1), { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(r.status, 0, `${words.join(' ')}: ${(r.stdout + r.stderr).slice(-2000)}`);
  }
  return made;
}

/** A country at work: bodies, people, events, findings, notices, answers, indicators, a group, a feed, a demonstration realm. */
async function fill(site) {
  const w = await populate(site), { desk } = site;
  const rows = Array.from({ length: 300 }, (_, i) => [`198.18.${i % 2 ? 4 : 64}.${1 + (i >> 1)}`, 8443, i % 10 ? 'low' : 'high', { hostname: `h${i}.example` }]);
  assert.equal((await w.give(rows, '2026-11-20-scan_widget-a.csv')).rows_done, 300);
  const notice = await poll('a notice that left', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  await w.mox.ok('POST', `/api/notices/${notice.id}/acknowledge`);
  const finding = (await w.mox.get('/api/findings')).items[0];
  await w.mox.ok('POST', `/api/findings/${finding.id}/answer`, { json: { answer: 'fixed' }, ifMatch: `"v${finding.version}"` });
  await desk.post('/api/indicators', { value: 'drop.bad.example', why: 'Serves a loader', tlp: 'GREEN' });
  const demo = await site.cli(['demo', '--seed', '7'], { ms: 300000 });
  assert.equal(demo.code, 0, demo.err);
  return w;
}

const LISTS = ['organisations', 'people', 'findings', 'notices', 'indicators', 'feeds', 'imports', 'groups'];

/** All that can be read of it: every list of each realm and of an agency, what the events count to, the ledger. */
async function look(site, cookie) {
  const seen = {};
  const whose = { live: site.desk, demo: new Client(site, { realm: 'demo' }), mox: site.client({ cookie }) };
  for (const [who, client] of Object.entries(whose)) {
    for (const list of LISTS) {
      if (who === 'mox' && ['imports', 'feeds'].includes(list)) continue;
      const items = list === 'feeds' ? (await client.get('/api/feeds')).items : await client.all(`/api/${list}`);
      seen[`${who} ${list}`] = new Map(items.map((x) => [x.id, x]));
    }
    seen[`${who} events`] = (await client.get('/api/events/summary')).count;
  }
  return seen;
}

/** What of the first is not as it was in the second, in words. Members that came since are not looked at. */
function changed(before, after) {
  const wrong = [];
  for (const [what, was] of Object.entries(before)) {
    const is = after[what];
    if (!(was instanceof Map)) {
      if (was !== is) wrong.push(`${what}: ${was} then, ${is} now`);
      continue;
    }
    for (const id of is.keys()) if (!was.has(id)) wrong.push(`${what} ${id}: new`);
    for (const [id, item] of was) {
      const now = is.get(id);
      if (!now) wrong.push(`${what} ${id}: gone`);
      else for (const [name, value] of Object.entries(item)) if (!same(value, now[name])) wrong.push(`${what} ${id}: ${name} was ${JSON.stringify(value)}, is ${JSON.stringify(now[name])}`);
    }
  }
  return wrong;
}

/** As before, but for members that came since. */
function same(was, is) {
  if (was === null || is === null || is === undefined || typeof was !== 'object' || typeof is !== 'object') return was === is;
  return Object.entries(was).every(([name, value]) => same(value, is[name]));
}

/** A copy of a stopped installation, with its database. */
async function copyOf(site) {
  const kept = { dir: `${site.dir}-kept`, database: ON_PG ? (await sharedPostgres()).database(site.database.name) : null };
  cpSync(site.dir, kept.dir, { recursive: true, filter: (name) => !name.endsWith('.sock') });
  return kept;
}

async function putBack(site, kept) {
  rmSync(site.dir, { recursive: true });
  cpSync(kept.dir, site.dir, { recursive: true });
  rmSync(kept.dir, { recursive: true });
  if (!kept.database) return;
  site.database.drop();
  site.database = kept.database;
  site.configure({ store: { url: kept.database.url } });
}

const checkpoint = async (site) => (await site.anyone().call('GET', '/log/checkpoint')).text;
const sizeOf = (text) => Number(text.split('\n')[1]);

/** What an outsider says of the ledger who kept a checkpoint: it is whole, and grew out of that one. */
async function grewOutOf(site, old) {
  const file = path.join(site.dir, 'checkpoint.old'), [key] = (await site.anyone().call('GET', '/log/key')).text.split('\n').filter(Boolean);
  writeFileSync(file, old);
  return run(process.execPath, [path.join(SOURCE, 'tools/verify-ledger.mjs'), '--key', key, '--old', file, '--all', `${site.server.base}/log`]);
}

for (const commit of commits()) {
  test(`from ${commit} to this program, and back`, async (t) => {
    const old = programOf(commit);
    const site = await Site.open({ conf: { outbox: { hold_s: 0 }, ledger: { origin: 'old.test/log', checkpoint_s: 1 } }, program: old });
    t.after(() => site.close());
    const w = await fill(site);
    const before = await look(site, w.mox.cookie);
    assert.ok(before['live findings'].size > 10 && before['demo events'] > 100, 'there is something to lose');
    const ledger = await poll('a checkpoint of it', async () => [await checkpoint(site)].find((c) => sizeOf(c) > 10), 60000);
    await site.stop();
    const kept = await copyOf(site);

    await t.test('all that stood stands, and the ledger goes on', async () => {
      site.program = MINAR;
      await site.start();
      assert.deepEqual(changed(before, await look(site, w.mox.cookie)).slice(0, 20), []);
      const verified = await site.cli(['verify']);
      assert.equal(verified.code, 0, verified.err + verified.out);
      const outside = await grewOutOf(site, ledger);
      assert.equal(outside.code, 0, outside.err + outside.out);
    });
    await t.test('work goes on: what is new is written, who was there is found by name', async () => {
      await w.give([['198.18.4.200', 8443, 'high']], '2026-11-21-scan_widget-b.csv');
      await poll('a finding of the new file', async () => (await w.mox.get('/api/findings?limit=200')).items.find((f) => f.ip === '198.18.4.200'), 30000);
      const found = (await site.desk.get(`/api/search?q=${encodeURIComponent('Ayesha Khan')}`)).items;
      assert.deepEqual(found.map((x) => x.kind), ['person']);
      await site.person(w.BNK, 'second@bnk.example');
    });
    await site.stop();

    await t.test('the old program leaves it alone and says why', async () => {
      site.program = old;
      const r = await site.cli(['serve'], { ms: 30000 });
      assert.notEqual(r.code, 0);
      assert.match(r.err + r.out, /newer/);
      site.program = MINAR;
      await site.start();
      assert.equal((await site.cli(['verify'])).code, 0);
      await site.stop();
    });
    await t.test('the copy put aside before runs with the old program as it did', async () => {
      await putBack(site, kept);
      site.program = old;
      await site.start();
      assert.deepEqual(changed(before, await look(site, w.mox.cookie)).slice(0, 20), []);
      assert.equal((await site.cli(['verify'])).code, 0);
    });
  });
}
