// Walk (ii), first half: a feed's file -> events with owner and why -> history, rejects, matches.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { day, populate, report, stamp } from './world.mjs';

let site, desk, w;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 3600 } } });
  desk = site.desk;
  w = await populate(site, { people: false });
});
after(() => site.close());

const events = async (query) => (await desk.get(`/api/events?${query}`)).items;

test('a file becomes events with owner and why; every row is in history or kept as a reject', async () => {
  const good = report([['198.18.4.10'], ['198.18.64.20', 9443], ['192.0.2.77', 8443, 'low'], ['198.18.5.1', 1, 'medium', { hostname: 'www.mox.example' }]]);
  const text = `${good}${stamp()},high,not-an-ip,tcp,1,,,PK,x\n${stamp()},high,198.18.4.99,tcp,99999999,,,PK,x\n"open quote,1\n`;
  const r = await w.give(text, `${day()}-scan_widget-a.csv`);
  assert.equal(r.state, 'done');
  assert.equal(r.rows_done, 4, JSON.stringify(r));
  assert.equal(r.rows_done + r.rows_bad + r.rows_same, r.rows_read, JSON.stringify(r));
  assert.ok(r.rows_bad >= 2 && r.errors.length >= 2);
  assert.ok(r.errors.every((e) => e.row >= 2 && e.message.length > 10));
  const mox = await events(`org=${w.MOX}`);
  assert.deepEqual(mox.map((e) => e.ip).sort(), ['198.18.4.10', '198.18.5.1']);
  const one = await desk.get(`/api/events/${mox.find((e) => e.ip === '198.18.4.10').id}`);
  assert.equal(one.owner.key, 'MOX');
  assert.match(one.why, /198\.18\.4\.0\/22/);
  assert.deepEqual([one.feed, one.type, one.identifier, one.severity, one.port, one.protocol], ['shadowserver', 'vulnerable-system', 'open-widget', 'high', 8443, 'tcp']);
  assert.match(one.raw, /198\.18\.4\.10/);
  assert.equal(one.extra['extra.tag'] ?? one.extra.tag, 'widget', JSON.stringify(one.extra));
  assert.deepEqual((await events('unowned=true')).map((e) => e.ip), ['192.0.2.77']);
});

test('the same file again adds nothing', async () => {
  const text = report([['198.18.4.31'], ['198.18.4.32']]), name = `${day()}-scan_widget-twice.csv`;
  const a = await w.give(text, name), b = await w.give(text, name);
  assert.equal(a.rows_done, 2);
  assert.deepEqual([b.rows_done, b.rows_same], [0, 2]);
  assert.equal(b.id, a.id);
  assert.equal((await events('q=198.18.4.31')).length, 1);
});

test('a preview of a file changes nothing', async () => {
  const r = await desk.file(`/api/feeds/shadowserver/files?dry_run=true&name=${day()}-scan_widget-dry.csv`, report([['198.18.4.40'], ['nonsense']]));
  assert.equal(r.state, 'preview');
  assert.deepEqual([r.rows_read, r.rows_done, r.rows_bad, r.id], [2, 1, 1, null]);
  assert.equal((await events('q=198.18.4.40')).length, 0);
});

test('history is found by address, network, AS number, domain, and told in figures', async () => {
  await w.give([['198.18.6.1', 1, 'low', { asn: 64501, hostname: 'host.mox.example' }], ['198.18.6.2', 2], ['2001:db8:4::9', 3]]);
  const ips = async (q) => (await events(`q=${encodeURIComponent(q)}`)).map((e) => e.ip).sort();
  assert.deepEqual(await ips('198.18.6.1'), ['198.18.6.1']);
  assert.deepEqual(await ips('198.18.6.0/24'), ['198.18.6.1', '198.18.6.2']);
  assert.deepEqual(await ips('198[.]18[.]6[.]2'), ['198.18.6.2']);
  assert.deepEqual(await ips('AS64501'), ['198.18.6.1']);
  assert.deepEqual(await ips('2001:db8:4::/48'), ['2001:db8:4::9']);
  assert.ok((await ips('mox.example')).includes('198.18.6.1'));
  refused(await desk.call('GET', '/api/events?q=%D0%B6%20what'), 422);
  const s = await desk.get('/api/events/summary?q=198.18.6.0%2F24');
  assert.equal(s.count, 2);
  assert.equal(s.histogram.reduce((a, b) => a + b, 0), 2);
  assert.ok(Object.keys(s.facets).length >= 2);
  const look = await desk.get('/api/lookup?q=198.18.6.1');
  assert.equal(look.recognised, 'ip');
  assert.equal(look.owner.key, 'MOX');
  assert.ok(look.words.length > 10);
});

test('pages of events hold each event once', async () => {
  await w.give(Array.from({ length: 120 }, (_, i) => [`198.18.7.${i + 1}`]));
  const all = await desk.all('/api/events?q=198.18.7.0%2F24', 25);
  assert.equal(all.length, 120);
  assert.equal(new Set(all.map((e) => e.id)).size, 120);
});

test('indicators, defanged too, match what comes after', async () => {
  const list = '# from a partner\n203.0.113[.]66\nhxxps://bad[.]example/x\nevil[.]example\nnot an indicator at all!\n44d88612fea8a8f36de82e1278abb02f\n';
  const r = await desk.file('/api/imports/indicators?name=list.txt&source=partner', list);
  assert.deepEqual([r.state, r.rows_done, r.rows_bad], ['done', 4, 1], JSON.stringify(r));
  const again = await desk.file('/api/imports/indicators?name=list.txt&source=partner', list);
  assert.deepEqual([again.rows_done, again.rows_same], [0, 4]);
  await desk.post('/api/indicators', { value: '198.18.4[.]200', why: 'seen by us' });
  assert.equal((await desk.get('/api/indicators?q=198.18.4.200')).items.length, 1);
  await poll('a matched event', async () => {
    await w.give([['198.18.4.200']]);
    return (await events('matched=true')).some((e) => e.ip === '198.18.4.200');
  }, 30000);
  refused(await desk.call('POST', '/api/indicators', { json: { value: 'hello', why: 'x' } }), 422);
});

test('any CSV and JSON lines by a column map', async () => {
  const declaration = 'name: Own\nformat: csv\nseparator: ";"\nheader: true\nguess: false\ncolumns:\n  when: { to: time.source, convert: add_UTC_to_timestamp, required: true }\n'
    + '  victim: { to: source.ip, convert: validate_ip, required: true }\n  note: extra.note\nconstants:\n  classification.type: scanner\n  classification.identifier: own-scan\naccuracy: 80\naudience: green\n';
  await desk.post('/api/feeds', { key: 'own', format: 'csv', declaration });
  const r = await desk.file('/api/feeds/own/files?wait=true&name=own.csv', `when;victim;note\n${stamp()};198.18.4.77;hello\n${stamp()};192.0.2.7;nobody's\n`);
  assert.equal(r.rows_done, 2, JSON.stringify(r));
  const mine = (await events('feed=own')).find((e) => e.owner), none = (await events('feed=own')).find((e) => !e.owner);
  assert.deepEqual([mine.ip, mine.type, mine.identifier, mine.tlp], ['198.18.4.77', 'scanner', 'own-scan', 'AMBER+STRICT']);
  assert.equal(none.tlp, 'GREEN', 'what is nobody\'s has the audience of its feed');
  await desk.post('/api/feeds', { key: 'lines', format: 'jsonl' });
  const j = await desk.file('/api/feeds/lines/files?wait=true&name=l.jsonl', `${JSON.stringify({ 'time.source': new Date(Date.now() - 3600e3).toISOString(), 'source.ip': '198.18.4.78', 'classification.type': 'infected-system', 'malware.name': 'x' })}\n{broken\n`);
  assert.deepEqual([j.rows_done, j.rows_bad], [1, 1], JSON.stringify(j));
  for (const bad of ['columns: [', 'format: csv\nwhat: 1\n', 'format: csv\ncolumns:\n  a: { to: nowhere.at.all }\n']) {
    const a = await desk.call('POST', '/api/feeds', { json: { key: 'bad', format: 'csv', declaration: bad } });
    refused(a, 422);
    assert.ok(a.json.pointer.startsWith('/declaration'), a.text);
  }
});

test('a feed is paused and resumed, and its health is told', async () => {
  const f = (await desk.get('/api/feeds')).items.find((x) => x.key === 'shadowserver');
  assert.equal(f.health, 'alive');
  assert.ok(f.events_24h > 0 && f.hours.length === 24);
  await desk.ok('PATCH', `/api/feeds/${f.id}`, { json: { state: 'paused' } });
  refused(await desk.call('POST', '/api/feeds/shadowserver/files?name=x.csv', { body: 'x' }), 409);
  await desk.ok('PATCH', `/api/feeds/${f.id}`, { json: { state: 'active' } });
  assert.equal((await desk.call('POST', '/api/feeds/nothere/files?name=x.csv', { body: 'x' })).status, 404);
});

test('lists of indicators and organisations are stopped after the slice in hand, and say how far they came', async () => {
  const N = 40000, list = Array.from({ length: N }, (_, i) => `s${i}.stop.example`).join('\n');
  const bodies = `key,name,kind\n${Array.from({ length: N / 10 }, (_, i) => `STOP${i},Body ${i},other`).join('\n')}\n`;
  for (const [target, body, kind, rows] of [['/api/imports/indicators?name=stop.txt', list, 'indicators', N], ['/api/imports/organisations?name=stop.csv', bodies, 'organisations', N / 10]]) {
    const asked = desk.call('POST', target, { body });
    const run = await poll('it runs', async () => (await desk.get('/api/imports')).items.find((x) => x.kind === kind && x.state === 'running' && x.file_name.startsWith('stop.')));
    await desk.ok('DELETE', `/api/imports/${run.id}`);
    const a = await asked;
    assert.ok(a.status < 300, a.text);
    assert.equal(a.json.state, 'stopped');
    assert.ok(a.json.rows_done < rows, `${a.json.rows_done} of ${rows}`);
    const kept = await desk.get(`/api/imports/${run.id}`);
    assert.equal(kept.state, 'stopped');
    assert.equal(kept.rows_done, a.json.rows_done);
    assert.equal((await desk.all('/api/ledger')).filter((e) => e.type === 'import.finished' && e.subject === run.id).length, 1);
  }
});

test('a file in hand is stopped after its batch; one that has ended is not', async () => {
  const big = report(Array.from({ length: 60000 }, (_, i) => [`100.64.${i >> 8}.${i & 255}`, 1, 'low']));
  const r = await desk.file(`/api/feeds/shadowserver/files?name=${day()}-scan_widget-big.csv`, big);
  const stop = await desk.call('DELETE', `/api/imports/${r.id}`);
  if (stop.status === 409) return;   // it was faster than us
  assert.ok(stop.status < 300, stop.text);
  const end = await poll('it ends', async () => {
    const x = await desk.get(`/api/imports/${r.id}`);
    return x.state !== 'running' && x;
  });
  assert.ok(['stopped', 'done'].includes(end.state), end.state);
  await poll('and stays', async () => (await desk.get('/api/events/summary?q=100.64.0.0%2F16')).count >= 0);
  refused(await desk.call('DELETE', `/api/imports/${r.id}`), 409);
});

test('after all that the ledger fits its records', async () => {
  const v = await desk.ok('POST', '/api/ledger/verify');
  assert.ok(v.entries > 10 && v.versions > 10);
});

test('the real mapping reads a real report type', { skip: existsSync(path.join(process.env.MINAR_DATA ?? '/nowhere', 'shadowserver/intelmq.json')) ? false : 'MINAR_DATA is not set: Shadowserver\'s intelmq.json' }, async () => {
  const file = path.join(process.env.MINAR_DATA, 'shadowserver/intelmq.json');
  const m = await desk.ok('PUT', '/api/shadowserver/mapping', { body: readFileSync(file) });
  assert.ok(m.types > 100, JSON.stringify(m));
  const head = 'timestamp,severity,ip,protocol,port,hostname,tag,asn,geo,region,city,naics,hostname_source,sector,smb_implant,arch,key,smb_major_number';
  const r = await w.give(`"${head.split(',').join('","')}"\n"${stamp()}","critical","198.18.4.250","tcp","445","","smb","64500","PK","","","0","","","N","","","2"\n`, `${day()}-scan_smb-rest.csv`);
  assert.equal(r.rows_done, 1, JSON.stringify(r));
  const [e] = await events('q=198.18.4.250');
  assert.deepEqual([e.port, e.severity, e.identifier], [445, 'critical', 'open-smb']);
});
