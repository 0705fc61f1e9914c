// Letters: guarded like the notice that they put on paper; found by nobody who counts; what others wrote is
// text on the paper and on the public page, and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { poll } from '../api/site.mjs';
import { ABSENT, ground } from './ground.mjs';

let site, desk, w, letter;
before(async () => {
  ({ site, desk, w } = await ground());
  const asked = await desk.ok('POST', `/api/notices/${w.theirs.notice}/letter`);
  letter = await poll('a letter', async () => (await desk.get(`/api/notices/${w.theirs.notice}`)).deliveries.find((d) => d.id === asked.id && d.letter?.sha256));
});
after(() => site.close());

test('CVE-2020-15411 a letter is guarded like its notice, and no number finds another one', async () => {
  const none = (await w.bnk.call('GET', `/api/letters/${ABSENT}/pdf`)).json;
  const a = await w.bnk.call('GET', `/api/letters/${letter.id}/pdf`);
  assert.equal(a.status, 404, a.text);
  assert.equal(a.json.title, none.title);
  for (const who of [w.bnk, w.mox, site.anyone()]) {
    for (const [target, json] of [[`/api/letters/${letter.id}/state`, { state: 'withdrawn' }], [`/api/notices/${w.theirs.notice}/letter`]]) {
      const r = await who.call('POST', target, { json });
      assert.ok([401, 403, 404].includes(r.status), `${target}: ${r.status} ${r.text}`);
    }
  }
  assert.ok(!(await w.bnk.get('/api/ledger?limit=200')).items.some((e) => e.subject === letter.id));
  const pages = new Set();
  for (const [i, query] of [`n=${letter.letter.number}`, `n=${letter.letter.number}&c=`, `n=${letter.letter.number}&c=${'0'.repeat(10)}`, `n=${letter.letter.number.replace(/1$/, '2')}&c=${'0'.repeat(10)}`, 'n=%25&c=%25', `n=' OR 1=1 --&c='`].entries()) {
    const r = await site.anyone().call('GET', `/letter?${query.replaceAll(' ', '%20')}`, { from: `127.0.1.${i + 1}` });
    assert.equal(r.status, 404, query);
    pages.add(r.text);
  }
  assert.equal(pages.size, 1, 'one answer for all that is wrong');
});

test('CVE-2019-11813 hostile names on paper and on the public page are letters and no more', async () => {
  const name = '<script>alert(1)</script>\u202e)(/JS << >> endobj %PDF';
  const o = await desk.get(`/api/organisations/${w.MOX}`);
  await desk.ok('PATCH', `/api/organisations/${w.MOX}`, { json: { name_en: name }, ifMatch: `"v${o.version}"` });
  await desk.ok('POST', `/api/letters/${letter.id}/state`, { json: { state: 'withdrawn' } });
  const asked = await desk.ok('POST', `/api/notices/${w.theirs.notice}/letter`);
  await poll('another letter', async () => (await desk.get(`/api/notices/${w.theirs.notice}`)).deliveries.find((d) => d.id === asked.id && d.letter?.sha256));
  const pdf = (await desk.call('GET', `/api/letters/${asked.id}/pdf`)).bytes, at = path.join(site.dir, 'spool', 'hole.pdf');
  writeFileSync(at, pdf);
  const raw = pdf.toString('latin1');
  assert.ok(!raw.includes('/JS <<') && !/\/(JavaScript|OpenAction|Launch|EmbeddedFile)\b/.test(raw));
  assert.equal(raw.match(/%%EOF/g).length, 2, 'the pages and the signature');
  assert.match(execFileSync('pdfsig', [at], { encoding: 'utf8' }), /Signature is Valid/);
  const words = execFileSync('pdftotext', ['-raw', at, '-'], { encoding: 'utf8' });
  assert.match(words, /script/);
  execFileSync('pdftoppm', ['-r', '110', '-png', '-singlefile', at, at]);
  const link = new URL(execFileSync('zbarimg', ['--raw', '-q', `${at}.png`], { encoding: 'utf8' }).trim());
  const page = await site.anyone().call('GET', link.pathname + link.search, { from: '127.0.1.40', headers: { 'accept-language': 'en' } });
  assert.equal(page.status, 200, page.text);
  assert.ok(page.text.includes('&lt;script&gt;') && !page.text.includes('<script'));
});
