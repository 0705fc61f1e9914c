// Walk: a site without network gets one file on a stick. It is made, checked, applied while the server runs, and of use at once
// in lookups, events and minar doctor; a second writer of the form (this file), minisign, tar and sha256sum agree with it; every
// lie is refused with words; killed in the middle, all of the old stands or all of the new; what is older is refused.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sleep } from './harness.mjs';
import { Site, poll, refused, run } from './site.mjs';
import { MAPPING, populate } from './world.mjs';

let site, desk, w, outside;
const at = (...p) => path.join(outside, ...p);
const keys = {};

// ---- a second writer of the form ----

async function makeKey(name) {
  assert.equal((await run('minisign', ['-G', '-W', '-p', at(`${name}.pub`), '-s', at(`${name}.key`)])).code, 0);
  const raw = Buffer.from(readFileSync(at(`${name}.key`), 'utf8').split('\n')[1], 'base64');
  const seed = raw.subarray(62, 94); // it has no password
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
  keys[name] = { id: raw.subarray(54, 62), key, pub: readFileSync(at(`${name}.pub`), 'utf8').split('\n')[1], file: at(`${name}.key`), pubFile: at(`${name}.pub`) };
}

function signed(text, { id, key }, comment = 'of a test') {
  const sig = sign(null, createHash('blake2b512').update(text).digest(), key);
  const second = sign(null, Buffer.concat([sig, Buffer.from(comment)]), key);
  return `untrusted comment: x\n${Buffer.concat([Buffer.from('ED'), id, sig]).toString('base64')}\ntrusted comment: ${comment}\n${second.toString('base64')}\n`;
}

function entry(name, bytes, { size = bytes.length, type = '0' } = {}) {
  const h = Buffer.alloc(512);
  h.write(name, 0, 'latin1');
  for (const [where, what] of [[100, '0000644'], [108, '0000000'], [116, '0000000'], [124, size.toString(8).padStart(11, '0')], [136, '00000000000'], [148, '        '], [156, type], [257, 'ustar\0'], [263, '00']]) h.write(what, where, 'latin1');
  h.write(`${h.reduce((n, b) => n + b, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([h, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
const iso = (t = Date.now()) => `${new Date(t).toISOString().slice(0, 19)}Z`;

/** parts: [kind, name, bytes, more]; by: key; made; manifest: changes its object; order: which parts are written. */
function craft(parts, { by = keys.ours, made = iso(), manifest = (m) => m, order, tail = Buffer.alloc(1024), text, sig } = {}) {
  const list = parts.map(([kind, name, bytes, more]) => ({ kind, name, version: '1', date: iso(), bytes: Buffer.byteLength(bytes), sha256: sha(bytes), ...more }));
  const said = text ?? `${JSON.stringify(manifest({ minar_bundle: 1, made, parts: list }))}\n`;
  const files = (order ?? parts.map((_, i) => i)).map((i) => entry(parts[i][1].slice(0, 99), Buffer.from(parts[i][2])));
  return Buffer.concat([entry('manifest.json', Buffer.from(said)), entry('manifest.json.minisig', Buffer.from(sig ?? signed(said, by))), ...files, tail]);
}

// ---- data in their publishers' forms, of ours ----

const KNOWN = { cveID: 'CVE-2099-41207', vendorProject: 'Gizmo', product: 'Widget', vulnerabilityName: 'Gizmo Widget Flaw', dateAdded: '2099-03-01', shortDescription: 'x', requiredAction: 'Apply what the vendor says.', dueDate: '2099-03-22', knownRansomwareCampaignUse: 'Known', notes: '', cwes: ['CWE-59'] };
const kev = (rows = [KNOWN], date = iso()) => JSON.stringify({ title: 'fictional', catalogVersion: date.slice(0, 10).replaceAll('-', '.'), dateReleased: date, count: rows.length, vulnerabilities: rows }, null, 2);
const epss = (rows = ['CVE-2099-41207,0.97001,0.99912', 'CVE-1999-0001,0.0101,0.5'], date = iso()) => `#model_version:v2025.03.14,score_date:${date.slice(0, 19)}+0000\ncve,epss,percentile\n${rows.join('\n')}\n`;
const ASN = '198.18.4.0,198.18.7.255,64999,Example Net\n', COUNTRY = '198.18.4.0,198.18.7.255,QZ\n';
const plain = () => [['kev', 'kev.json', kev()], ['epss', 'epss.csv', epss()]];

before(async () => {
  outside = mkdtempSync(path.join(tmpdir(), 'minar-stick-'));
  for (const name of ['ours', 'next', 'other']) await makeKey(name);
  for (const [name, text] of [['kev.json', kev()], ['epss.csv', epss()], ['a-asn.csv', ASN], ['a-country.csv', COUNTRY], ['intelmq.json', JSON.stringify({ ...MAPPING, _meta: { date_created: '2099-01-01T00:00:00Z' } })]]) writeFileSync(at(name), text);
  writeFileSync(at('minar_9.9.9_amd64.deb'), '!<arch>\ndebian-binary   and the rest of it');
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  ({ desk } = site);
  w = await populate(site);
});
after(async () => {
  await site.close();
  rmSync(outside, { recursive: true, force: true });
});

const cli = (...args) => site.cli(['bundle', ...args]);
const apply = (bytes, q = '', who = desk) => who.call('POST', `/api/bundles${q}`, { body: bytes });
const state = async () => Object.fromEntries((await desk.get('/api/bundles')).items.map((x) => [x.name, x]));
const look = async (who = desk, q = 'CVE-2099-41207') => who.get(`/api/lookup?q=${q}`);
const reference = () => path.join(site.dir, 'realm/live/reference');
const folders = () => (existsSync(reference()) ? readdirSync(reference()) : []);
const doctor = async () => JSON.parse((await site.cli(['doctor', '--json'])).out).checks.find((c) => c.name === 'data');

test('a site that trusts no key takes none, and says how to trust one', async () => {
  const a = await apply(craft(plain()));
  refused(a, 422);
  assert.match(a.json.detail, /bundle\.keys/);
  assert.equal((await desk.get('/api/bundles')).keys.length, 0);
  assert.equal((await doctor()).state, 'skip');
  assert.equal((await look()).vulnerability, undefined);
  await site.stop();
  site.configure({ bundle: { keys: 'nonsense' } });
  const bad = await site.cli(['serve']);
  assert.equal(bad.code, 3, bad.err);
  assert.match(bad.err, /bundle\.keys.*minisign/);
  site.configure({ bundle: { keys: `${keys.ours.pub} ${keys.next.pub}` } });
  await site.start();
  assert.equal((await desk.get('/api/bundles')).keys.length, 2);
});

test('made where there is network, with what is in it read before', async () => {
  const make = (...parts) => cli('make', '--key', keys.ours.file, '--out', at('x.bundle'), ...parts);
  writeFileSync(at('bad.json'), kev([KNOWN, { ...KNOWN, dateAdded: '2099-02-30' }, { ...KNOWN, cveID: 'CVE-99' }]));
  const bad = await make(`kev=${at('bad.json')}`);
  assert.equal(bad.code, 6, bad.err);
  assert.match(bad.err, /2099-02-30.*bad\.json, row 22, \/vulnerabilities\/1\/dateAdded[\s\S]*CVE-99.*row 37, \/vulnerabilities\/2\/cveID/);
  writeFileSync(at('bad.csv'), epss(['CVE-2099-1111,0.1,0.2', 'CVE-2099-1112,1.7,0.2', 'CVE-2099-1113,0.1', 'CVE-2099-1111,0.1,0.2']));
  const rows = await make(`epss=${at('bad.csv')}`);
  assert.match(rows.err, /1\.7.*bad\.csv, row 4, epss[\s\S]*row 5, percentile|row 5, epss/);
  for (const [part, words] of [[`virus=${at('kev.json')}`, /no kind/], [`address=${at('kev.json')}`, /mmdb/], [`program=${at('kev.json')}`, /Debian/], [`list=${at('kev.json')}`, /./], [`kev=${at('epss.csv')}`, /./], [at('kev.json'), /minar bundle make/]]) {
    const r = await make(part);
    assert.ok(r.code === 6 || r.code === 2, `${part}: ${r.code} ${r.err}`);
    assert.match(r.err, words);
  }
  assert.ok(!existsSync(at('x.bundle')) && !existsSync(at('x.bundle.new')), 'what failed left nothing');
  const good = await cli('make', '--key', keys.ours.file, '--out', at('first.bundle'), `kev=${at('kev.json')}`, `epss=${at('epss.csv')}`, `address=${at('a-asn.csv')}`, `address=${at('a-country.csv')}`, `program=${at('minar_9.9.9_amd64.deb')}`, '--json');
  assert.equal(good.code, 0, good.err);
  assert.deepEqual(good.json.parts.map((p) => [p.kind, p.name]), [['kev', 'kev.json'], ['epss', 'epss.csv'], ['address', 'a-asn.csv'], ['address', 'a-country.csv'], ['program', 'minar_9.9.9_amd64.deb']]);
  assert.equal(good.json.parts[1].version, 'v2025.03.14');
  assert.equal(good.json.parts[4].version, '9.9.9');
});

test('tar, minisign and sha256sum say the same of it', async () => {
  mkdirSync(at('tar'));
  assert.equal((await run('tar', ['-xf', at('first.bundle'), '-C', at('tar')])).code, 0);
  const of = (pub) => run('minisign', ['-V', '-p', pub, '-m', at('tar/manifest.json')]);
  assert.equal((await of(keys.ours.pubFile)).code, 0);
  assert.notEqual((await of(keys.other.pubFile)).code, 0);
  const m = JSON.parse(readFileSync(at('tar/manifest.json'), 'utf8'));
  const sums = await run('sha256sum', ['-c'], { cwd: at('tar'), input: m.parts.map((p) => `${p.sha256}  ${p.name}\n`).join('') });
  assert.equal(sums.code, 0, sums.out);
  assert.equal(readFileSync(at('tar/kev.json'), 'utf8'), readFileSync(at('kev.json'), 'utf8'));
});

test('checked and unpacked alone; the program is taken out and never installed', async () => {
  const c = await cli('check', at('first.bundle'));
  assert.equal(c.code, 0, c.err);
  assert.match(c.out, /kev\.json/);
  assert.match(c.err, /minar bundle unpack/);
  assert.equal((await cli('check', at('first.bundle'), '--key', keys.ours.pubFile)).code, 0);
  assert.equal((await cli('check', at('first.bundle'), '--key', keys.other.pubFile)).code, 6);
  const u = await cli('unpack', at('first.bundle'), '--out', at('out'));
  assert.equal(u.code, 0, u.err);
  assert.match(u.err, /sudo apt install .*\/out\/minar_9\.9\.9_amd64\.deb/);
  assert.equal(sha(readFileSync(at('out/minar_9.9.9_amd64.deb'))), sha(readFileSync(at('minar_9.9.9_amd64.deb'))));
  assert.equal((await cli('unpack', at('first.bundle'), '--out', at('out'))).code, 7, 'not over something that is there');
  writeFileSync(at('cut.bundle'), readFileSync(at('first.bundle')).subarray(0, -1400));
  assert.equal((await cli('unpack', at('cut.bundle'), '--out', at('half'))).code, 6);
  assert.ok(!existsSync(at('half')) && !existsSync(at('half.new')));
});

test('applied while the server runs: lookups, events and the doctor have it at once', async () => {
  const a = await cli('apply', at('first.bundle'), '--json');
  assert.equal(a.code, 0, a.err);
  assert.equal(a.json.in_use, true);
  assert.match(a.err, /minar bundle unpack/);
  const one = await look(), v = one.vulnerability;
  assert.deepEqual([v.exploited, v.added, v.due, v.ransomware, v.vendor, v.epss, v.percentile, v.kev_of], [true, '2099-03-01', '2099-03-22', true, 'Gizmo', 0.97001, 0.99912, iso().slice(0, 10)]);
  assert.match(one.words, /^Known exploited since 1 March 2099.*22 March 2099.*EPSS 0\.97, above 99\.9 %/);
  assert.match((await look(w.mox)).words, /1\u2069? ?مارچ|مارچ 2099|2099/, 'everybody, each in the own language');
  const none = (await look(desk, 'CVE-1999-0001'));
  assert.deepEqual([none.vulnerability.exploited, none.vulnerability.epss], [false, 0.0101]);
  assert.match(none.words, /^Not in the catalogue/);
  const many = await desk.post('/api/lookup', { text: 'see cve-2099-41207 and CVE-2099-9999 at 198.18.4.10' });
  assert.deepEqual(many.items.map((x) => [x.value, x.mark, x.vulnerability?.exploited]), [['CVE-2099-41207', 'bad', true], ['CVE-2099-9999', 'nothing', false], ['198.18.4.10', 'ours', undefined]]);
  const table = await site.cli(['lookup', 'CVE-2099-41207']);
  assert.match(table.out, /known[\s\S]*Known exploited since 1 March 2099/);
  await w.give('timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n' + `${iso(Date.now() - 3600e3).replace('T', ' ').slice(0, 19)},high,198.18.4.10,tcp,8443,,,,widget\n`);
  const event = await poll('an event with what the bundle says of its address', async () => (await desk.get('/api/events')).items.find((e) => e.ip === '198.18.4.10' && e.asn === 64999));
  assert.equal(event.cc, 'QZ');
  const all = await state();
  assert.deepEqual(Object.keys(all), ['a-asn.csv', 'a-country.csv', 'epss.csv', 'kev.json'], 'the program is not kept');
  assert.ok(Object.values(all).every((x) => x.in_use && !x.old), JSON.stringify(all));
  assert.equal((await doctor()).state, 'ok');
  assert.match((await cli('ls')).out, /kev +20/);
  const [said] = (await desk.all('/api/ledger')).filter((e) => e.type === 'bundle.applied');
  assert.ok(said, 'it stands in the ledger');
  assert.equal(folders().length, 1);
});

test('only whom the site gave it to', async () => {
  refused(await apply(craft(plain()), '', w.mox), 403);
  refused(await w.mox.call('GET', '/api/bundles'), 403);
  refused(await apply(craft(plain()), '', site.anyone()), 401);
});

test('every lie is refused in words, and changes nothing', async () => {
  const was = JSON.stringify(await state()), whole = craft(plain());
  const manifest = (change) => craft(plain(), { manifest: (m) => { change(m); return m; } });
  const flip = (b, i) => { const c = Buffer.from(b); c[i] ^= 1; return c; };
  const nth = (n) => { // where part n's bytes begin
    let at_ = 0;
    for (let i = 0; i < n + 2; i++) at_ += 512 + Math.ceil(parseInt(whole.toString('latin1', at_ + 124, at_ + 135), 8) / 512) * 512;
    return at_ + 512;
  };
  const cases = [
    ['another key', craft(plain(), { by: keys.other }), /does not trust/],
    ['another key under our id', craft(plain(), { by: { ...keys.other, id: keys.ours.id } }), /changed after it was signed/],
    ['manifest changed', flip(whole, 512 + 20), /changed after it was signed|is not as it must be/],
    ['comment changed', craft(plain(), { sig: signed('x', keys.ours).replace('of a test', 'of a lie') }), /changed after it was signed/],
    ['no signature', craft(plain(), { sig: 'none' }), /manifest\.json\.minisig/],
    ['a part changed', flip(whole, nth(0) + 40), /kev\.json.*changed, cut or swapped/],
    ['the last part changed', flip(whole, nth(1) + 40), /epss\.csv.*changed, cut or swapped/],
    ['parts swapped', craft(plain(), { order: [1, 0] }), /kev\.json.*changed, cut or swapped/],
    ['a part left out', craft(plain(), { order: [0] }), /epss\.csv.*changed, cut or swapped|ends too early/],
    ['a part more', craft(plain(), { order: [0, 1, 1] }), /is not as it must be/],
    ['bytes behind it', craft(plain(), { tail: Buffer.alloc(1025) }), /is not as it must be/],
    ['end missing', craft(plain(), { tail: Buffer.alloc(0) }), /ends too early/],
    ['cut', whole.subarray(0, 3000), /ends too early/],
    ['nothing', Buffer.from('x'), /ends too early/],
    ['no bundle', Buffer.alloc(4096, 65), /is not as it must be/],
    ['unknown kind', craft([['plugin', 'x.bin', 'x']]), /plugin.*no kind/],
    ['the same name twice', craft([['address', 'a-asn.csv', ASN], ['address', 'A-asn.csv', ASN]]), /twice/],
    ['two of a kind', craft([['kev', 'a.json', kev()], ['kev', 'b.json', kev()]]), /more parts of kind kev/],
    ['too many', craft(Array.from({ length: 17 }, (_, i) => ['address', `a${i}-asn.csv`, ASN])), /parts/],
    ['none', craft([]), /parts/],
    ['too large', manifest((m) => { m.parts[0].bytes = 65 << 20; }), /too large/],
    ['no size', manifest((m) => { m.parts[0].bytes = -1; }), /parts\/0\/bytes/],
    ['no hash', manifest((m) => { m.parts[0].sha256 = m.parts[0].sha256.toUpperCase(); }), /parts\/0\/sha256/],
    ['a later form', manifest((m) => { m.minar_bundle = 2; }), /form that this version does not know/],
    ['no time', manifest((m) => { m.made = 'yesterday'; }), /made/],
    ['of tomorrow', craft(plain(), { made: iso(Date.now() + 3 * 86400e3) }), /clock/],
    ['bad catalogue', craft([['kev', 'kev.json', kev([{ ...KNOWN, dueDate: 'soon' }])]]), /dueDate.*soon/],
    ['bad scores', craft([['epss', 'epss.csv', epss(['CVE-2099-1,x,y'])]]), /cve/],
    ['no address data', craft([['address', 'x.mmdb', 'x']]), /address data/],
    ['no address', craft([['address', 'x-asn.csv', 'x']]), /address data/],
    ['one bad part among good ones', craft([...plain(), ['list', 'intelmq.json', '[]']]), /./],
    ...['../../../keys/master.key', '..', '.', '.hidden', '/etc/passwd', 'a/b', 'a\\b', 'a b', 'a\u0000b', 'قلم.json', '-rf', 'manifest.json', 'manifest.json.minisig', 'x'.repeat(100), ''].map((name) => [`name ${name}`, craft([['kev', name, kev()]]), name.includes('\u0000') ? /is not as it must be/ : /name of a part/]),
  ];
  for (const [what, bytes, words] of cases) {
    const a = await apply(bytes);
    assert.ok([413, 422].includes(a.status), `${what}: ${a.status} ${a.text}`);
    assert.match(`${a.json.pointer ?? ''} ${a.json.detail}`, words, what);
    assert.deepEqual(folders().length, 1, `${what}: ${folders()}`);
  }
  assert.equal(JSON.stringify(await state()), was);
  assert.ok(!existsSync(at('..', 'keys')) && !readdirSync(site.dir).includes('master.key'));
  assert.equal((await look()).vulnerability.exploited, true);
});

test('what is older is refused unless it is asked for; a kind that is not in it stands', async () => {
  const old = craft([['kev', 'kev.json', kev([{ ...KNOWN, dueDate: '2099-04-01' }], '2020-01-01T00:00:00Z'), { date: '2020-01-01T00:00:00Z' }]]);
  const a = await apply(old);
  refused(a, 409);
  assert.match(a.json.detail, /2020-01-01.*--older/);
  const replay = await apply(craft([['kev', 'kev.json', kev()]], { made: '2020-01-01T00:00:00Z' }));
  refused(replay, 409);
  writeFileSync(at('old.bundle'), old);
  assert.equal((await cli('apply', at('old.bundle'))).code, 7);
  assert.equal((await look()).vulnerability.due, '2099-03-22');
  const back = await cli('apply', at('old.bundle'), '--older', '--json');
  assert.equal(back.code, 0, back.err);
  const v = (await look()).vulnerability;
  assert.deepEqual([v.due, v.epss, v.kev_of], ['2099-04-01', 0.97001, '2020-01-01']);
  const d = await doctor();
  assert.equal(d.state, 'warn');
  assert.match(`${d.words} ${d.fix}`, /kev \d{4}.*minar bundle apply/);
  assert.equal((await state())['kev.json'].old, true);
  const now = await apply(craft([['kev', 'kev.json', kev()]], { by: keys.next })); // the key that comes next is trusted too
  assert.equal(now.status, 200, now.text);
  assert.equal((await doctor()).state, 'ok');
  assert.equal(folders().length, 2, 'what is in use, and no more');
});

test('a mapping comes by a bundle, and one loaded by hand later counts', async () => {
  const a = await cli('make', '--key', keys.ours.file, '--out', at('list.bundle'), `list=${at('intelmq.json')}`);
  assert.equal(a.code, 0, a.err);
  assert.equal((await cli('apply', at('list.bundle'))).code, 0);
  assert.deepEqual([(await state())['intelmq.json'].in_use, (await state())['intelmq.json'].date], [true, '2099-01-01T00:00:00Z']);
  await desk.ok('PUT', '/api/shadowserver/mapping', { body: JSON.stringify(MAPPING) });
  assert.equal((await state())['intelmq.json'].in_use, false);
});

/** The supervisor and all its children at once, as a power cut would. */
async function killAll() {
  const { child } = site.server, gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  site.server = undefined;
}

test('killed in the middle, the next start has the old or the new, and no rubbish', async () => {
  const rows = Array.from({ length: 60000 }, (_, i) => `CVE-2098-${10000 + i},0.5,0.5`);
  const nets = Array.from({ length: 150000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255},10.${i >> 16}.${(i >> 8) & 255}.${i & 255},64500,N\n`).join('');
  const hit = [];
  for (let i = 0; i < 3 || (i < 9 && !hit.includes(true)); i++) {
    const due = `2099-05-0${i + 1}`, before = (await look()).vulnerability.due;
    const big = craft([['kev', 'kev.json', kev([{ ...KNOWN, dueDate: due }])], ['epss', 'epss.csv', epss([`CVE-2099-41207,0.${i + 1},0.9`, ...rows])], ['address', 'a-asn.csv', nets]]);
    let over = false;
    const answer = apply(big).catch(() => undefined).finally(() => { over = true; });
    for (const began = Date.now(); !over && Date.now() - began < 20000 && !folders().some((n) => n.endsWith('.new'));) await sleep(2);
    await sleep([0, 40, 200][i % 3]);
    await killAll();
    await answer;
    await site.start();
    await poll('it is read', async () => (await desk.get('/api/bundles')).items.every((x) => x.in_use || x.kind === 'list'));
    const v = (await look()).vulnerability;
    assert.ok([before, due].includes(v.due), v.due);
    assert.equal(v.due === due, v.epss === Number(`0.${i + 1}`), 'both parts or none');
    hit.push(v.due === before);
    const named = new Set((await desk.get('/api/bundles')).items.map((x) => x.digest));
    assert.equal(folders().length, named.size, `${folders()}`);
    assert.ok(!folders().some((n) => n.endsWith('.new')), `${folders()}`);
  }
  assert.ok(hit.includes(true), 'one was hit in the middle');
});

test('without a server it is kept, and used from the next start', async () => {
  await site.stop();
  const a = await cli('make', '--key', keys.ours.file, '--out', at('alone.bundle'), `kev=${at('kev.json')}`);
  assert.equal(a.code, 0, a.err);
  const put = await cli('apply', at('alone.bundle'), '--older', '--json');
  assert.equal(put.code, 0, put.err);
  assert.equal(put.json.in_use, false);
  await site.start();
  await poll('it is used', async () => (await look()).vulnerability?.due === '2099-03-22');
});

test('the real catalogue is taken whole', { skip: existsSync(path.join(process.env.MINAR_DATA ?? '/nowhere', 'vulnerabilities/known_exploited_vulnerabilities.json')) ? false : 'MINAR_DATA is not set: CISA\'s catalogue' }, async () => {
  const file = path.join(process.env.MINAR_DATA, 'vulnerabilities/known_exploited_vulnerabilities.json');
  const real = JSON.parse(readFileSync(file, 'utf8'));
  const a = await cli('make', '--key', keys.ours.file, '--out', at('real.bundle'), `kev=${file}`, '--json');
  assert.equal(a.code, 0, a.err);
  assert.equal(a.json.parts[0].version, real.catalogVersion);
  assert.equal((await cli('apply', at('real.bundle'), '--older')).code, 0);
  for (const r of [real.vulnerabilities[0], real.vulnerabilities.at(-1), ...real.vulnerabilities.filter((_, i) => i % 97 === 0)]) {
    const v = (await look(desk, r.cveID)).vulnerability;
    assert.deepEqual([v.added, v.due, v.ransomware, v.title], [r.dateAdded, r.dueDate, r.knownRansomwareCampaignUse === 'Known', r.vulnerabilityName]);
  }
  assert.ok(statSync(file).size > 0);
});
