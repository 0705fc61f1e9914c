// Bad input: files, bodies and settings that are broken are refused with their place, and nothing of
// them is half done.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MINAR } from './harness.mjs';
import { Site, refused, run } from './site.mjs';
import { day, populate, report } from './world.mjs';

let site, desk, w;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 3600 } } });
  desk = site.desk;
  w = await populate(site, { people: false });
});
after(() => site.close());

const state = async () => [(await desk.get('/api/ledger?limit=1')).size, (await desk.get('/api/events/summary')).count, (await desk.all('/api/organisations')).length];
async function unchanged(body) {
  const before = await state();
  await body();
  assert.deepEqual(await state(), before);
}

test('JSON that is none, too deep, with doubled keys or a NUL', () => unchanged(async () => {
  const post = (body) => desk.call('POST', '/api/organisations', { body, headers: { 'content-type': 'application/json' } });
  for (const body of ['', '{', '{"key":"A","key":"B","name_en":"x","kind":"bank"}', '{"key":"A\\u0000","name_en":"x","kind":"bank"}', '['.repeat(2000), '{"key":"A"}x', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])]) {
    const a = await post(body);
    assert.ok([400, 413, 422].includes(a.status), `${a.status} for ${body.toString().slice(0, 40)}`);
    refused(a, a.status);
    if (body.length > 1) assert.ok(a.json.pointer !== undefined || a.json.row || a.json.column, a.text);
  }
  const b = await desk.call('POST', '/api/organisations', { body: '{}', headers: { 'content-type': 'text/plain' } });
  assert.ok([400, 415].includes(b.status), b.text);
}));

test('CSV that is none: binary, unclosed, ragged, empty', () => unchanged(async () => {
  for (const body of ['', '\n\n', Buffer.from([0, 1, 2, 3, 255, 254, 10, 0]), '"unclosed\n', 'only one heading\n']) {
    const a = await desk.call('POST', '/api/imports/organisations?name=x.csv', { body });
    refused(a, 422);
  }
}));

test('one broken row does not take the others with it, and is told by its number', async () => {
  const text = 'Code,Name,Type\nOK1,One,bank\nRAG,"Two,bank\nOK2,Three,bank\n';
  const r = await desk.file('/api/imports/organisations?name=x.csv', text);
  assert.ok(r.errors.length >= 1 && r.errors[0].row >= 3, JSON.stringify(r));
  assert.equal((await desk.get('/api/organisations?q=OK1')).items.length, 1);
});

test('an encoding, a separator and a mark at the beginning that spreadsheets write', async () => {
  const text = '\ufeffCode;Name;Type\r\nSEMI;"Semi; colon";bank\r\n';
  const r = await desk.file('/api/imports/organisations?name=x.csv', text);
  assert.deepEqual([r.rows_done, r.rows_bad], [1, 0], JSON.stringify(r));
  assert.equal((await desk.get('/api/organisations?q=SEMI')).items[0].name.en, 'Semi; colon');
  const tabs = await desk.file('/api/imports/organisations?name=x.csv', 'Code\tName\tType\nTABS\tTabs\tbank\n');
  assert.equal(tabs.rows_done, 1, JSON.stringify(tabs));
});

test('a feed\'s file that is garbage leaves no event and says why', async () => {
  const events = (await desk.get('/api/events/summary')).count;
  const a = await desk.call('POST', `/api/feeds/shadowserver/files?wait=true&name=${day()}-scan_widget-g.csv`, { body: Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256)) });
  if (a.status < 300) assert.ok(a.json.rows_done === 0 && (a.json.rows_bad > 0 || a.json.state === 'failed'), a.text);
  else refused(a, 422);
  const empty = await desk.call('POST', `/api/feeds/shadowserver/files?wait=true&name=${day()}-scan_widget-e.csv`, { body: '' });
  assert.ok(empty.status === 422 || empty.json.rows_read === 0, empty.text);
  assert.equal((await desk.get('/api/events/summary')).count, events);
  // A report of a type that no mapping knows is read by guessing, kept raw, and said to be unknown.
  const unknown = await desk.file('/api/feeds/shadowserver/files?wait=true&name=nothing-known.csv', 'a,b\n1,2\n');
  assert.equal(unknown.rows_bad + unknown.rows_done, 1, JSON.stringify(unknown));
});

test('a mapping that is none keeps the one before', async () => {
  for (const body of ['', '[]', '{"scan_x": {"required_fields": 7}}', '{"_meta": {}', 'nonsense']) {
    const a = await desk.call('PUT', '/api/shadowserver/mapping', { body });
    refused(a, 422);
  }
  const r = await w.give(report([['198.18.4.60']]), `${day()}-scan_widget-still.csv`);
  assert.equal(r.rows_done, 1);
});

test('queries that are wrong are told with their name', () => unchanged(async () => {
  for (const [target, pointer] of [['/api/organisations?limit=0', '/limit'], ['/api/organisations?limit=many', '/limit'], ['/api/organisations?nosuch=1', '/nosuch'], ['/api/events?from=yesterday', '/from'], ['/api/events?org=MOX', '/org'], ['/api/notices?cursor=abc', '/cursor']]) {
    const a = await desk.call('GET', target);
    refused(a, 422);
    assert.equal(a.json.pointer, pointer, a.text);
  }
  assert.equal((await desk.call('GET', '/api/nosuch')).status, 404);
  assert.equal((await desk.call('DELETE', '/api/organisations')).status, 405);
}));

test('settings that are wrong: file, row and what is allowed; the server does not start', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'minar-conf-'));
  const good = await run(MINAR, ['init', '--data', folder]);
  assert.equal(good.code, 0, good.err);
  for (const [text, says] of [['listen: nowhere\n', /listen/], ['http:\n  threads: 9999\n', /256/], ['site:\n  time_zone: Mars/Base\n', /time_zone/], ['nosuch: 1\n', /nosuch/], ['a: [\n', /minar\.yaml/], ['listen: "127.0.0.1:0"\nlisten: "127.0.0.1:1"\n', /listen|minar\.yaml/], ['mail:\n  smtp_url: "http://x"\n', /smtp/]]) {
    writeFileSync(path.join(folder, 'minar.yaml'), text);
    const ls = await run(MINAR, ['org', 'ls', '--data', folder]);
    assert.equal(ls.code, 3, `${text}: ${ls.code} ${ls.err}`);
    assert.match(ls.err, says);
    const serve = await run(MINAR, ['serve', '--data', folder], { ms: 20000 });
    assert.equal(serve.code, 3, `${text}: ${serve.code} ${serve.err}`);
  }
  rmSync(folder, { recursive: true, force: true });
});

test('every route has been asked somewhere in the walks of this file or answers in its schema', async () => {
  const none = '00000000-0000-4000-8000-000000000000';
  const gets = ['/api/session', '/api/organisations', `/api/organisations/${w.MOX}`, `/api/organisations/${w.MOX}/networks`, '/api/imports', '/api/people', '/api/keys', '/api/ledger', '/api/realms', '/api/openapi.json', '/api/status', '/api/feeds', '/api/feeds/shadowserver', '/api/events', '/api/events/summary', '/api/findings', '/api/notices', '/api/queue', '/api/agency', '/api/lookup?q=mox.example', '/api/indicators', '/healthz'];
  for (const target of gets) assert.equal((await desk.call('GET', target)).status, 200, target);
  for (const target of ['/api/imports/', '/api/feeds/', '/api/events/', '/api/findings/', '/api/notices/']) assert.equal((await desk.call('GET', target + none)).status, 404, target);
  assert.ok((await desk.ok('POST', '/api/ledger/verify')).entries > 0);
});
