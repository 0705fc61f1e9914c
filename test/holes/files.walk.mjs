// Files: seen by whoever sees what they hang on; opened in the sandbox alone; handed out to be saved and never
// to be shown; a name is no path, no header and no command.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ABSENT, ground } from './ground.mjs';

let site, desk, w;
before(async () => { ({ site, desk, w } = await ground({ conf: { files: { max_mb: 20 } } })); });
after(() => site.close());

const bring = async (who, name, body, of = `kind=notice&id=${w.own.notice}`) => {
  const a = await who.call('POST', `/api/files?${of}&name=${encodeURIComponent(name)}`, { body });
  assert.equal(a.status, 201, `${name}: ${a.text}`);
  return who.get(`/api/files/${a.json.id}`);
};
const python = (code) => execFileSync('python3', ['-c', `import sys,io,zipfile,tarfile,gzip,lzma,bz2\nb=io.BytesIO()\n${code}\nsys.stdout.buffer.write(b.getvalue())`], { maxBuffer: 1 << 28 });
/** What is in the data folder beside the stores. */
const stand = () => readdirSync(site.dir, { recursive: true }).filter((f) => !/spool|history|records|journal|-wal|-shm|live.files/.test(f)).sort();

test('CVE-2020-8894 a file is guarded like the thing that it hangs on, by every way to it', async () => {
  const { attachment: id, finding } = w.theirs, none = (await w.bnk.call('GET', `/api/files/${ABSENT}`)).json;
  const ways = [['GET', `/api/files/${id}`], ['GET', `/api/files/${id}/original`], ['GET', `/api/files/${id}/original?as=plain`], ['GET', `/api/files/${id}/saw`], ['POST', `/api/files/${id}/release`], ['POST', `/api/files/${id}/look`], ['DELETE', `/api/files/${id}`],
    ['GET', `/api/files?kind=finding&id=${finding}`], ['GET', `/api/reach/${id}?kind=attachment`], ['POST', `/api/files?kind=finding&id=${finding}&name=x`, 'x'], ['GET', `/api/files?kind=notice&id=${w.theirs.notice}`]];
  for (const [method, target, body] of ways) {
    const a = await w.bnk.call(method, target, { body });
    assert.equal(a.status, 404, `${method} ${target}: ${a.text}`);
    assert.equal(a.json.title, none.title, target);
  }
  // The kind that is said is the kind that is looked for: an id of another kind is none.
  for (const kind of ['notice', 'organisation']) assert.equal((await w.mox.call('GET', `/api/files?kind=${kind}&id=${finding}`)).status, 404);
  assert.equal((await w.mox.call('GET', `/api/files?kind=attachment&id=${id}`)).status, 422);
  const entries = (await w.bnk.get('/api/ledger?limit=200')).items;
  assert.ok(!entries.some((e) => e.subject === id), 'nor does the ledger tell of it');
});

test('ASVS-5.3.3 archives in the sandbox: slip, links, bombs, depth, cut and encrypted ones cost little, write nothing, and are told', async () => {
  const before = stand();
  const slip = await bring(desk, 'slip.tar', python(`t=tarfile.open(fileobj=b,mode='w')
for n in ['../../../../etc/cron.d/x','/etc/passwd','a/../../b','..\\\\..\\\\x.exe','ok.txt']:
  i=tarfile.TarInfo(n); i.size=3; t.addfile(i,io.BytesIO(b'abc'))
for k,l in [(tarfile.SYMTYPE,'/etc/shadow'),(tarfile.LNKTYPE,'../../keys/master.key')]:
  i=tarfile.TarInfo('link%s'%k.decode()); i.type=k; i.linkname=l; t.addfile(i)
i=tarfile.TarInfo('dev'); i.type=tarfile.CHRTYPE; t.addfile(i)
t.close()`));
  const { entries } = slip.report.archive;
  assert.deepEqual(entries.slice(0, 5).map((e) => [e.name, e.marks.includes('unsafe_name')]), [['etc/cron.d/x', true], ['etc/passwd', true], ['a/b', true], ['x.exe', true], ['ok.txt', false]]);
  assert.deepEqual(entries.slice(5, 7).map((e) => e.marks), [['link'], ['link']]);
  assert.ok(!JSON.stringify(slip.report).includes('master.key'), 'where a link leads is nobody\'s business');

  const heavy = {
    'flat.zip': [`z=zipfile.ZipFile(b,'w',zipfile.ZIP_DEFLATED)\nfor i in range(30): z.writestr('z%d'%i, bytes(8<<20))\nz.close()`, (r) => r.stopped === 'ratio'],
    'many.zip': [`z=zipfile.ZipFile(b,'w')\nfor i in range(20000): z.writestr('f%d'%i, '')\nz.close()`, (r) => r.entries.length === 2000 && r.count === 20000],
    'deep.zip': [`x=b'core'\nfor i in range(30):\n  c=io.BytesIO(); z=zipfile.ZipFile(c,'w',zipfile.ZIP_DEFLATED); z.writestr('n.zip',x); z.close(); x=c.getvalue()\nb.write(x)`, (r) => r.entries.length === 3 && r.entries[2].marks.includes('unopened')],
    'layers.gz': [`x=bytes(200<<20)\nb.write(gzip.compress(x))`, (r) => r.stopped === 'ratio'],
    'twice.gz.xz': [`b.write(lzma.compress(gzip.compress(b'hello')))`, (r) => r.entries.length === 1],
    'cut.zip': [`z=zipfile.ZipFile(b,'w'); z.writestr('a','hello'*100); z.close(); b.truncate(120)`, (r) => r.stopped !== '' || r.entries.length <= 1],
    'long.zip': [`z=zipfile.ZipFile(b,'w'); z.writestr('n'*60000,'x'); z.close()`, (r) => r.entries.every((e) => e.name.length <= 520)],
  };
  for (const [name, [code, holds]] of Object.entries(heavy)) {
    const began = Date.now(), f = await bring(desk, name, python(code));
    assert.ok(holds(f.report.archive), `${name}: ${JSON.stringify(f.report.archive).slice(0, 300)}`);
    assert.ok(Date.now() - began < 60000, `${name} took ${Date.now() - began} ms`);
  }
  const secret = await bring(desk, 'secret.zip', await wrapped());
  assert.equal(secret.report.archive.encrypted, true);
  assert.deepEqual(secret.report.archive.entries[0].marks, ['encrypted']);
  for (const name of ['not.zip', 'half.rar']) {
    const f = await bring(desk, name, Buffer.from(name.endsWith('zip') ? '504b0304' : '526172211a0700cf', 'hex'));
    assert.ok(['done', 'unsafe'].includes(f.look), name);
  }
  assert.deepEqual(stand(), before, 'nothing was written anywhere');
});

/** A zip under a password: what the program itself hands out. */
async function wrapped() {
  const f = await bring(desk, 'inner.txt', 'a secret');
  return (await desk.call('GET', `/api/files/${f.id}/original`)).bytes;
}

test('ASVS-5.4.1 what was brought is saved and never shown: pages, pictures with script, names that end a header', async () => {
  const page = '<!doctype html><script>alert(document.domain)</script>';
  const evil = { 'page.html': page, 'picture.svg': `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`, 'both.gif': `GIF89a/*${page}*/=1`, 'data.xml': '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', 'x.js': 'alert(1)', 'x.pdf': '%PDF-1.4\n/OpenAction << /S /JavaScript >>',
    'a"; filename="b.html': page, 'a\r\nSet-Cookie: x=y\r\n\r\n<script>': page, 'CON': page, '\u202egpj.exe': page, ['n'.repeat(250)]: page, '..': page, '/etc/passwd': page, 'a\u0000b': page };
  for (const [name, body] of Object.entries(evil)) {
    const created = await desk.call('POST', `/api/files?kind=notice&id=${w.own.notice}&name=${encodeURIComponent(name)}`, { body });
    if ([400, 422].includes(created.status)) continue; // a name that no field takes
    assert.equal(created.status, 201, created.text);
    const f = await desk.get(`/api/files/${created.json.id}`);
    assert.ok(!/[\u0000-\u001f\u202a-\u202e/\\]/.test(f.name), name);
    await desk.ok('POST', `/api/files/${f.id}/release`);
    for (const as of ['zip', 'plain']) {
      const a = await desk.call('GET', `/api/files/${f.id}/original?as=${as}`, { headers: { accept: 'text/html' } });
      assert.equal(a.status, 200, name);
      assert.equal(a.headers['content-type'], 'application/octet-stream');
      assert.match(a.headers['content-disposition'], /^attachment; filename="[\w.-]+"; filename\*=UTF-8''[\w.%-]+$/, name);
      assert.equal(a.headers['x-content-type-options'], 'nosniff');
      assert.match(a.headers['content-security-policy'], /default-src 'none'.*; sandbox$/);
      assert.equal(a.headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(a.headers['set-cookie'], undefined);
    }
  }
  assert.ok(!existsSync(path.join(site.dir, 'b.html')));
});
