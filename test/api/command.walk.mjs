// The command line: the same calls with and without a running server, exit codes, output for machines.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MINAR } from './harness.mjs';
import { Site, run } from './site.mjs';

let site, folder;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'minar-cli-'));
  site = await Site.open({ serve: false });
});
after(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (...args) => site.cli(args);
function file(name, text) {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
}
const CSV = 'Code,Name,Urdu name,Type,Networks,Contact,Mail\nMOX,Ministry of Examples,وزارتِ امثال,ministry,198.18.4.0/22,Aisha,a@mox.example\nBNK,Bank of Examples,,bank,198.18.64.0/22,,\n';
const URDU = 'کوڈ,نام,قسم,نیٹ ورک\nTALIM,جامعہ تعلیم,جامعہ,198.18.32.0/24\n';

/** Runs the body twice: with the commands alone, then with a server. */
function bothWays(name, body) {
  test(`${name}: alone`, async () => {
    await site.stop();
    await body('alone');
  });
  test(`${name}: by a server`, async () => {
    if (!site.server) await site.start();
    await body('served');
  });
}

bothWays('org import with preview, then again the same', async (how) => {
  const key = how === 'alone' ? '' : 'S';
  const at = file(`c-${how}.csv`, CSV.replaceAll('MOX', `MOX${key}`).replaceAll('BNK', `BNK${key}`).replaceAll('a@mox', `a${key}@mox`));
  const dry = await cli('org', 'import', at, '--dry-run', '--json');
  assert.equal(dry.code, 0, dry.err);
  assert.deepEqual([dry.json.state, dry.json.rows_done], ['preview', 2]);
  assert.equal((await cli('org', 'ls', `MOX${key}`, '--json')).json.items.filter((o) => o.key === `MOX${key}`).length, 0);
  const done = await cli('org', 'import', at, '--json');
  assert.deepEqual([done.code, done.json.rows_done, done.json.rows_bad], [0, 2, 0], done.out);
  const again = await cli('org', 'import', at, '--json');
  assert.deepEqual([again.code, again.json.rows_done, again.json.rows_same], [0, 0, 2], again.out);
  const urdu = await site.cli(['org', 'import', '-', '--json'], { input: URDU.replace('TALIM', `TALIM${key}`) });
  assert.deepEqual([urdu.code, urdu.json.rows_done], [0, 1], urdu.out + urdu.err);
});

bothWays('reading: text for people, JSON for machines', async () => {
  const text = await cli('org', 'ls');
  assert.equal(text.code, 0, text.err);
  assert.match(text.out, /^key +name +kind/);
  assert.match(text.out, /MOX +Ministry of Examples/);
  const urdu = await cli('org', 'ls', '--ui-lang', 'ur');
  assert.match(urdu.out, /وزارتِ امثال/);
  const json = await cli('org', 'ls', '--json');
  const lines = (await cli('org', 'ls', '--jsonl')).out.trim().split('\n').map((l) => JSON.parse(l));
  assert.deepEqual(lines, json.json.items);
  const shown = await cli('org', 'show', 'MOX', '--json');
  assert.equal(shown.json.name.ur, 'وزارتِ امثال');
  assert.equal((await cli('status', 'show')).code, 0);
  assert.equal((await cli('user', 'ls', '--json')).json.items.some((p) => p.mail === 'a@mox.example'), true);
});

bothWays('changing: set, networks, keys', async (how) => {
  const set = await cli('org', 'set', 'MOX', '--province', how);
  assert.equal(set.code, 0, set.err);
  assert.equal((await cli('org', 'show', 'MOX', '--json')).json.province, how);
  const net = how === 'alone' ? '203.0.113.0/26' : '203.0.113.64/26';
  const added = await cli('org', 'net-add', 'MOX', net, '--json');
  assert.equal(added.code, 0, added.err);
  assert.match((await cli('org', 'nets', 'MOX')).out, new RegExp(net.replace('.', '\\.')));
  assert.equal((await cli('org', 'net-rm', added.json.id)).code, 0);
  const key = await cli('key', 'add', how, '--access', 'read', '--json');
  assert.ok(key.json.secret.startsWith('live.'));
  assert.equal((await cli('key', 'rm', key.json.id)).code, 0);
});

bothWays('a feed in two commands, then its events', async (how) => {
  const at = file('events.csv', `time,ip,port,type\n${new Date(Date.now() - 3600e3).toISOString()},198.18.4.${how === 'alone' ? 5 : 6},80,scanner\n"open,,,\n`);
  const added = await cli('feed', 'add', how, '--format', 'csv', '--json');
  assert.equal(added.code, 0, added.err + added.out);
  const r = await cli('feed', 'import', how, at, '--json');
  assert.deepEqual([r.code, r.json.state, r.json.rows_done, r.json.rows_bad], [0, 'done', 1, 1], r.out + r.err);
  const ls = await cli('event', 'ls', '198.18.4.0/24', '--json');
  assert.ok(ls.json.items.some((e) => e.feed === how && e.owner?.key === 'MOX'), ls.out);
  assert.ok((await cli('event', 'count', '198.18.4.0/24', '--json')).json.count >= 1);
});

bothWays('exit codes say what kind of answer it was', async () => {
  const codes = async (...args) => (await cli(...args)).code;
  assert.equal(await codes('org', 'show', 'NOSUCH'), 1);
  assert.equal(await codes('org', 'nonsense'), 2);
  assert.equal(await codes('org', 'show'), 2);
  assert.equal(await codes('org', 'ls', '--no-such-option', 'x'), 2);
  assert.equal(await codes('org', 'add', 'X', 'Name', '--kind', 'castle'), 6);
  assert.equal(await codes('org', 'import', file('bad.csv', 'Name\nx\n')), 6);
  assert.equal(await codes('org', 'add', 'MOX', 'Again', '--kind', 'bank'), 7);
  assert.equal(await codes('finding', 'answer', '00000000-0000-4000-8000-000000000000', 'fixed') >= 1, true);
  assert.equal(await codes('verify'), 0);
  const missing = await cli('org', 'import', path.join(folder, 'not-there.csv'));
  assert.notEqual(missing.code, 0);
  assert.match(missing.err, /not-there\.csv/);
  assert.equal(missing.out, '');
});

test('3: settings that are wrong, or no site yet', async () => {
  await site.stop();
  const empty = path.join(folder, 'empty');
  const none = await run(MINAR, ['org', 'ls', '--data', empty]);
  assert.equal(none.code, 3, none.err);
  assert.match(none.err, /minar init/);
  const bad = mkdtempSync(path.join(folder, 'bad-'));
  writeFileSync(path.join(bad, 'minar.yaml'), 'listen: "127.0.0.1:8420"\nhttp:\n  threads: many\n');
  const r = await run(MINAR, ['init', '--data', bad]);
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /minar\.yaml/);
  assert.match(r.err, /3/);
});

test('4: a user of this machine whom the site does not know', { skip: process.getuid() !== 0 ? 'needs to become another user' : false }, async () => {
  if (!site.server) await site.start();
  const r = await run('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', MINAR, 'org', 'ls', '--data', site.dir]);
  assert.ok([4, 75].includes(r.code), `${r.code} ${r.err}`);
});

test('75: another process has the folder', async () => {
  await site.stop();
  const holder = run('flock', [path.join(site.dir, 'lock'), 'sleep', '8']); // longer than a command waits
  const codes = new Set();
  for (let i = 0; i < 20 && !codes.has(75); i++) codes.add((await cli('org', 'ls')).code);
  await holder;
  assert.ok(codes.has(75), [...codes].join());
});

test('help begins with examples, in both languages, and every verb has its page', async () => {
  const all = await run(MINAR, ['help']);
  assert.equal(all.code, 0);
  assert.match(all.out, /minar org/);
  const one = await run(MINAR, ['help', 'org', 'import']);
  assert.match(one.out, /^minar org import/);
  const urdu = await run(MINAR, ['help', '--ui-lang', 'ur']);
  assert.match(urdu.out, /[؀-ۿ]{3,}/);
  assert.match((await run(MINAR, ['version'])).out, /^minar \d/);
});

test('a fresh sign-in link for the person that this user is', async () => {
  const alone = await cli('init');
  assert.match(alone.out, /\/l\/live\./);
  await site.start();
  const served = await cli('init');
  assert.equal(served.code, 0, served.err);
  assert.equal((await site.open(alone.out.trim())).status, 404, 'the one before has ended');
  await site.enter(served.out.trim());
});
