// Walk: files. Hung on a finding and on a notice, sealed at rest, looked at in the sandbox, in quarantine;
// seen by whoever sees what they hang on; handed out as the field hands them out; let out; erased for good.
// Readers from outside: Python's zipfile and hashlib, and file(1)'s own table through them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SOURCE } from './harness.mjs';
import { answerMistakes } from './schema.mjs';
import { Site, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000';
let site, desk, w, notice, finding, head;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 }, files: { max_mb: 40 } } });
  desk = site.desk;
  w = await populate(site);
  await w.give([['198.18.4.10'], ['198.18.64.20']]);
  notice = await poll('a notice that left', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  [finding] = (await w.mox.get('/api/findings')).items;
  head = await site.person(w.MOX, 'chief@mox.example', { roles: ['reader', 'analyst', 'org_admin'], lang: 'en' });
});
after(() => site.close());

const bring = async (who, kind, id, name, body) => {
  const a = await who.call('POST', `/api/files?kind=${kind}&id=${id}&name=${encodeURIComponent(name)}`, { body });
  assert.equal(a.status, 201, a.text);
  assert.equal(a.headers.location, `/api/files/${a.json.id}`);
  return a.json.id;
};
const read = (who, id) => who.get(`/api/files/${id}`);
const sha256 = (b) => createHash('sha256').update(b).digest('hex');

/** Bytes as they come, with headers. */
function fetchBytes(who, target) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: site.port, path: target, headers: who.headers(), agent: false }, (r) => {
      const parts = [];
      r.on('data', (p) => parts.push(p));
      r.on('error', (error) => resolve({ status: r.statusCode, headers: r.headers, cut: error }));
      r.on('end', () => {
        const a = { status: r.statusCode, headers: r.headers, body: Buffer.concat(parts) };
        assert.deepEqual(answerMistakes('GET', target, a), []);
        resolve(a);
      });
    }).on('error', reject);
  });
}

function python(code, input, ...args) {
  const file = path.join(site.dir, `given-${randomBytes(4).toString('hex')}`);
  writeFileSync(file, input);
  try {
    return execFileSync('python3', ['-c', code, file, ...args], { maxBuffer: 1 << 28 });
  } finally {
    rmSync(file);
  }
}
const UNWRAP = `import sys,zipfile
z=zipfile.ZipFile(sys.argv[1]); (i,)=z.infolist(); assert i.flag_bits & 1
sys.stdout.buffer.write(z.read(i, pwd=b'infected'))`;
const ZIP = `import sys,zipfile,io
b=io.BytesIO(); z=zipfile.ZipFile(b,'w',zipfile.ZIP_DEFLATED)
z.writestr('invoice.txt','hello'); z.writestr('../../etc/cron.d/x','* * * * *'); z.writestr('pay\\u202efdp.exe', b'MZ'+b'\\0'*100)
inner=io.BytesIO(); y=zipfile.ZipFile(inner,'w'); y.writestr('core.js','alert(1)'); y.close()
z.writestr('inner.zip',inner.getvalue()); z.close(); sys.stdout.buffer.write(b.getvalue())`;
const BOMB = `import sys,zipfile,io
b=io.BytesIO(); z=zipfile.ZipFile(b,'w',zipfile.ZIP_DEFLATED)
for i in range(40): z.writestr('zeros%d'%i, b'\\0'*(16<<20))
z.close(); sys.stdout.buffer.write(b.getvalue())`;

/** All objects of the vault. */
const objects = () => {
  const root = path.join(site.dir, 'realm/live/files');
  return existsSync(root) ? readdirSync(root, { recursive: true }).map((n) => path.join(root, n)).filter((n) => statSync(n).isFile()) : [];
};

const spoolEmpty = () => poll('an empty spool', () => readdirSync(path.join(site.dir, 'spool')).length === 0, 5000);

let sample, zip, id;
test('a file is taken in, named, hashed, typed by content, and in quarantine', async () => {
  sample = Buffer.concat([Buffer.from('MZ'), randomBytes(3 << 20)]);
  id = await bring(head, 'finding', finding.id, '../../دستاویز.pdf', sample);
  const f = await read(head, id);
  assert.equal(f.name, 'دستاویز.pdf');
  assert.equal(f.bytes, sample.length);
  assert.equal(f.sha256, sha256(sample));
  assert.equal(f.report.md5, createHash('md5').update(sample).digest('hex'));
  assert.equal(f.report.sha1, createHash('sha1').update(sample).digest('hex'));
  assert.equal(f.look, 'done');
  assert.notEqual(f.type, 'application/pdf');
  assert.equal(f.state, 'quarantined');
  assert.deepEqual(f.about, { kind: 'finding', id: finding.id });
  assert.equal(f.own, true);
  assert.equal(f.tlp, finding.tlp);
});

test('nothing of it stands plain on the disk, and its object is a stream of sealed pieces', async () => {
  const [object] = objects();
  assert.equal(objects().length, 1);
  const bytes = readFileSync(object);
  assert.ok(bytes.length > sample.length && bytes.length < sample.length + 4096);
  assert.equal(bytes.indexOf(sample.subarray(1000, 1032)), -1);
  await spoolEmpty();
  assert.equal(statSync(object).mode & 0o777, 0o600);
});

test('an archive is listed: names made safe and marked, one within opened, types by content', async () => {
  zip = python(ZIP, '');
  const f = await read(desk, await bring(desk, 'notice', notice.id, 'invoice.zip', zip));
  assert.equal(f.kind, 'archive');
  const { entries, encrypted, stopped } = f.report.archive;
  assert.equal(stopped, '');
  assert.equal(encrypted, false);
  assert.deepEqual(entries.map((e) => [e.name, e.marks]), [['invoice.txt', []], ['etc/cron.d/x', ['unsafe_name']], ['pay\ufffdfdp.exe', ['unsafe_name']], ['inner.zip', ['inner']], ['inner.zip/core.js', []]]);
  assert.equal(entries[0].sha256, sha256('hello'));
  assert.match(entries[2].type, /dosexec|octet-stream/);
});

test('a bomb costs little and says what it is', async () => {
  const before = Date.now();
  const f = await read(desk, await bring(desk, 'notice', notice.id, 'bomb.zip', python(BOMB, '')));
  assert.equal(f.report.archive.stopped, 'ratio');
  assert.ok(f.report.archive.bytes < 200 << 20);
  assert.ok(Date.now() - before < 60000);
});

test('who sees what it hangs on sees it, and nobody else: list, file, bytes, reach, in the words of what is not there', async () => {
  const list = await w.mox.get(`/api/files?kind=notice&id=${notice.id}`);
  assert.deepEqual(list.items.map((f) => f.name), ['bomb.zip', 'invoice.zip']);
  assert.equal((await read(w.mox, list.items[0].id)).own, false);
  const absent = await w.bnk.call('GET', `/api/files/${ABSENT}`);
  for (const target of [`/api/files/${id}`, `/api/files/${id}/original`, `/api/files/${list.items[0].id}`, `/api/files?kind=notice&id=${notice.id}`, `/api/files?kind=finding&id=${ABSENT}`, `/api/files/${id}/saw`, `/api/reach/${id}?kind=attachment`]) {
    const a = await w.bnk.call('GET', target);
    assert.equal(a.status, 404, target);
    assert.equal(a.json.detail === undefined, absent.json.detail === undefined);
  }
  refused(await w.bnk.call('POST', `/api/files?kind=finding&id=${finding.id}&name=x`, { body: 'x' }), 404);
  assert.equal(objects().length, 3, 'what is refused is not kept');
  const reach = await head.get(`/api/reach/${id}?kind=attachment`);
  assert.equal(reach.kind, 'attachment');
  assert.ok(reach.items.some((i) => i.own));
});

test('a reader sees it and does not get its bytes; an agency hangs a file on a notice for the desk', async () => {
  const reader = await site.person(w.MOX, 'eyes@mox.example', { roles: ['reader'], lang: 'en' });
  await read(reader, id);
  refused(await reader.call('GET', `/api/files/${id}/original`), 403);
  refused(await reader.call('POST', `/api/files?kind=finding&id=${finding.id}&name=x`, { body: 'x' }), 403);
  const mine = await bring(head, 'notice', notice.id, 'answer.txt', 'we cleaned it\r\n\x1b[2Jرپورٹ');
  const f = await read(desk, mine);
  assert.equal(f.own, true);
  assert.equal(f.kind, 'text');
  assert.equal(f.report.text, 'we cleaned it\n\ufffd[2Jرپورٹ');
  refused(await head.call('POST', `/api/files/${mine}/release`), 403);
});

test('its bytes come within a zip under the usual password, to be saved and never shown', async () => {
  const a = await fetchBytes(head, `/api/files/${id}/original`);
  assert.equal(a.status, 200);
  assert.equal(a.headers['content-type'], 'application/octet-stream');
  assert.equal(a.headers['x-content-type-options'], 'nosniff');
  assert.match(a.headers['content-security-policy'], /sandbox$/);
  assert.equal(a.headers['cache-control'], 'no-store');
  assert.equal(a.headers['content-disposition'], `attachment; filename="${'_'.repeat(Buffer.byteLength('دستاویز'))}.pdf.zip"; filename*=UTF-8''${encodeURIComponent('دستاویز')}.pdf.zip`);
  assert.equal(a.body.indexOf(sample.subarray(1000, 1032)), -1, 'no scanner on the way sees it');
  assert.deepEqual(python(UNWRAP, a.body), sample);
  refused(await head.call('GET', `/api/files/${id}/original?as=plain`), 409, 'error.files.quarantined');
});

test('let out of quarantine its bytes come plain, still to be saved', async () => {
  await head.ok('POST', `/api/files/${id}/release`, { ifMatch: '"v1"' });
  refused(await head.call('POST', `/api/files/${id}/release`, { ifMatch: '"v1"' }), 412);
  assert.equal((await read(head, id)).state, 'released');
  const a = await fetchBytes(head, `/api/files/${id}/original?as=plain`);
  assert.equal(a.headers['content-type'], 'application/octet-stream');
  assert.match(a.headers['content-disposition'], /^attachment; /);
  assert.match(a.headers['content-security-policy'], /sandbox$/);
  assert.deepEqual(a.body, sample);
});

test('who read it is noted for its owner', async () => {
  await read(desk, id);
  const saw = await head.get(`/api/files/${id}/saw`);
  assert.ok(saw.organisations.some((o) => o.org?.key === 'CERT' && !o.own));
});

test('a narrower label of the whole narrows the file', async () => {
  const other = await bring(head, 'finding', finding.id, 'second.txt', 'second');
  await read(desk, other);
  const row = await head.get(`/api/findings/${finding.id}`);
  await head.ok('PATCH', `/api/findings/${finding.id}/reach`, { json: { tlp: 'RED', people: [head.id] }, ifMatch: `"v${row.version}"` });
  refused(await desk.call('GET', `/api/files/${other}`), 404);
  refused(await desk.call('GET', `/api/files/${other}/original`), 404);
});

test('a mail is taken apart: who, what, its parts, pages that nobody presses', async () => {
  const eml = ['From: Payroll <pay@evil.example>', 'To: head@mox.example', 'Subject: =?UTF-8?B?2KrZhtiu2YjYp9uB?=', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/html; charset=utf-8', '', '<p>Open <a href="https://login.evil.example/x">this</a></p><script>alert(1)</script>', '--b', 'Content-Type: application/pdf; name="bill.pdf"', 'Content-Disposition: attachment; filename="../bill.pdf"', 'Content-Transfer-Encoding: base64', '', Buffer.from('MZ hello').toString('base64'), '--b--', ''].join('\r\n');
  const f = await read(desk, await bring(desk, 'notice', notice.id, 'phish.eml', eml));
  assert.equal(f.kind, 'mail', f.type);
  const { mail } = f.report;
  assert.deepEqual([mail.from, mail.subject, mail.stopped], ['Payroll <pay@evil.example>', 'تنخواہ', '']);
  assert.deepEqual(mail.urls, ['hxxps://login[.]evil[.]example/x']);
  assert.match(mail.text, /^Open +this$/);
  assert.deepEqual(mail.parts.map((p) => [p.name, p.attachment, p.unsafe_name]), [['', false, false], ['bill.pdf', true, true]]);
  assert.equal(mail.parts[1].sha256, sha256('MZ hello'));
});

test('a picture is shown as the plain one that the sandbox makes of it', async () => {
  const jpeg = readFileSync(path.join(SOURCE, 'fuzz/seeds/picture/small.jpg')), of = await bring(desk, 'notice', notice.id, 'photo.png', jpeg);
  const f = await read(desk, of);
  assert.deepEqual([f.type, f.kind, f.picture], ['image/jpeg', 'picture', true]);
  const a = await desk.call('GET', `/api/files/${of}/picture`);
  assert.equal(a.headers['content-type'], 'image/png');
  assert.equal(a.bytes.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([a.bytes.readUInt32BE(16), a.bytes.readUInt32BE(20)], [12, 8]);
  assert.equal((await w.mox.call('GET', `/api/files/${of}/picture`)).status, 200);
  assert.equal((await w.bnk.call('GET', `/api/files/${of}/picture`)).status, 404);
  assert.equal((await desk.call('GET', `/api/files/${ABSENT}/picture`)).status, 404);
  const kept = objects().length;
  await desk.ok('POST', `/api/files/${of}/look`);
  assert.equal(objects().length, kept, 'the picture before it is gone');
  assert.equal((await desk.call('GET', `/api/files/${of}/picture`)).status, 200);
  await desk.ok('DELETE', `/api/files/${of}`);
  assert.equal(objects().length, kept - 2);
  assert.equal((await desk.call('GET', `/api/files/${of}/picture`)).status, 404);
});

test('what is too large is refused in words, and nothing of it stays', async () => {
  const kept = objects().length;
  refused(await desk.call('POST', `/api/files?kind=notice&id=${notice.id}&name=large`, { body: Buffer.alloc(41 << 20) }), 413, 'error.files.large');
  assert.equal(objects().length, kept);
  await spoolEmpty();
});

test('an object that was altered is not handed out as if it were whole', async () => {
  const body = randomBytes(300000);
  const kept = new Set(objects());
  const bad = await bring(desk, 'notice', notice.id, 'altered.bin', body);
  const [object] = objects().filter((o) => !kept.has(o));
  const bytes = readFileSync(object);
  bytes[200000] ^= 1;
  writeFileSync(object, bytes);
  const key = await desk.post('/api/keys', { name: 'reads', access: 'read' });
  const a = await fetchBytes(site.client({ key: key.secret }), `/api/files/${bad}/original`);
  assert.ok(a.cut || a.body === undefined, 'the connection is cut in the middle');
});

test('a sandbox that is killed is started again; files still come in', async () => {
  const { pid } = site.server.child;
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number).filter((p) => readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('--child=sandbox'));
  assert.equal(pids.length, 1);
  const starts = () => site.server.log.split('what=proc.ready kind=sandbox').length - 1, before = starts();
  process.kill(pids[0], 'SIGKILL');
  await poll('the sandbox is back', async () => starts() > before, 10000);
  const f = await read(desk, await bring(desk, 'notice', notice.id, 'after.txt', 'after the crash'));
  assert.equal(f.look, 'done');
});

test('looked at again it has a report again', async () => {
  const f = (await desk.get(`/api/files?kind=notice&id=${notice.id}`)).items.find((x) => x.name === 'invoice.zip');
  await desk.ok('POST', `/api/files/${f.id}/look`);
  const now = await read(desk, f.id);
  assert.equal(now.version, f.version + 1);
  assert.equal(now.report.archive.entries.length, 5);
  await spoolEmpty();
});

test('erased it is gone for good: bytes, name, report; the ledger still proves', async () => {
  const before = objects().length;
  await head.ok('DELETE', `/api/files/${id}`);
  assert.equal(objects().length, before - 1);
  const f = await read(head, id);
  assert.equal(f.state, 'erased');
  assert.equal(f.name, null);
  assert.equal(f.report, undefined);
  refused(await head.call('GET', `/api/files/${id}/original`), 404);
  assert.ok(!(await head.get(`/api/files?kind=finding&id=${finding.id}`)).items.some((x) => x.id === id));
  const entries = (await head.get('/api/ledger?limit=200')).items.filter((e) => e.kind === 'attachment' && e.subject === id).map((e) => e.type);
  assert.deepEqual(entries.sort(), ['file.erased', 'file.kept', 'file.released']);
  await site.stop();
  const v = await site.cli(['verify']);
  assert.equal(v.code, 0, v.err);
  await site.start();
});

test('the command line has it too', async () => {
  const file = path.join(site.dir, 'note.txt');
  writeFileSync(file, 'from the command line');
  const added = await site.cli(['file', 'add', 'notice', notice.id, file, '--json']);
  assert.equal(added.code, 0, added.err);
  const { id: made } = JSON.parse(added.out);
  const listed = await site.cli(['file', 'ls', 'notice', notice.id]);
  assert.match(listed.out, /note\.txt/);
  const got = await site.cli(['file', 'release', made]);
  assert.equal(got.code, 0, got.err);
  const plain = await site.cli(['file', 'get', made, '--as', 'plain']);
  assert.equal(plain.out, 'from the command line');
});
