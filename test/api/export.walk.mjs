// Walk: a list as a file. Whatever list the table lets out, for whoever asks: its rows are those of the screen's
// list, in that order, by that filter; Python's reader reads the CSV back, and nothing in it would be calculated.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PAYLOADS } from '../browser/hostile_text.mjs';
import { send } from './harness.mjs';
import { openapi } from './schema.mjs';
import { Site, refused, run } from './site.mjs';
import { populate } from './world.mjs';

const LISTS = Object.entries(openapi.paths).flatMap(([at, of]) => (of.get?.['x-export'] ? [{ at, id: of.get.operationId, columns: of.get['x-export'] }] : []));
const FORMULAS = ['=1+1', '+1-1', '-1+1', '@SUM(A1:A9)', "=cmd|'/C calc'!A0", '=HYPERLINK("/x","y")', "'=1", "''=1", ' =1', "' =1", '＝1+1', '＋1', '－1', '＠SUM', 'a;=1', 'a,"b",c', '"', '""', "'plain'", ' both ', '-', '=', "'", 'اردو، "متن"', '\u202e=1', '1-2', '1e5', '007', 'TRUE', '#REF!', '"=1"', '",=1'];
const line = (s) => /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/u.test(s) && s.isWellFormed();
const TEXTS = [...new Set([...FORMULAS, ...PAYLOADS].filter((s) => line(s) && s.trim() && [...s].length <= 190))];
let site, desk, w, officer, other, key, viewers;

before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 }, export: { max_rows: 2500 } } });
  desk = site.desk;
  w = await populate(site);
  w.OTHER = (await site.org('OTHER', { name_en: '=cmd|\'/C calc\'!A0, "x"' })).id;
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'analyst', 'coordinator', 'admin'], lang: 'en' });
  other = await site.person(w.OTHER, 'reader@other.example', { name: '@SUM(1+1)', roles: ['reader', 'org_admin'], lang: 'en' });
  const made = await w.bnk.post('/api/keys', { name: '=bank', access: 'read' });
  key = site.client({ key: made.secret });
  viewers = { desk, officer, mox: w.mox, bnk: w.bnk, other, key };
  await w.give([['198.18.4.9', 8443], ['198.18.4.10', 8443], ['198.18.64.9', 8443, 'critical'], ['203.0.113.77', 8443]]);
  await w.notice(w.MOX);
  await w.notice(w.BNK);
  await Promise.all(TEXTS.map((why, i) => officer.post('/api/indicators', { value: `n${i}.example`, why, source: why.slice(0, 100), tlp: ['GREEN', 'AMBER', 'CLEAR'][i % 3] })));
  await officer.post('/api/groups', { name_en: '-Banks', name_ur: 'بینک', kind: 'sector', members: [w.BNK] });
  const finding = (await w.mox.get('/api/findings')).items[0];
  await w.mox.file(`/api/files?kind=finding&id=${finding.id}&name=${encodeURIComponent('=log.txt')}`, 'a line\n');
  w.finding = finding.id;
  await officer.post('/api/actions', { about: 'finding', subject: finding.id, title: '=Close the port', working_days: 5 });
  await officer.post('/api/calendar/holidays', { from: `${new Date().getFullYear()}-05-01`, name_en: '+Workers', name_ur: 'مزدور' });
});
after(() => site.close());

/** The list's address, with what its path and required filter want. */
const address = ({ at, id }) => (id === 'file_list' ? `${at}?kind=finding&id=${w.finding}` : at.replace('{id}', w.MOX));
const withFormat = (to, more) => `${to}${to.includes('?') ? '&' : '?'}format=${more}`;
const ask = (who, to, format = 'csv') => who.call('GET', withFormat(to, format));
async function python(bytes) {
  const r = await run('python3', [path.join(import.meta.dirname, 'csv_read.py')], { input: bytes });
  assert.equal(r.code, 0, r.err);
  return r.json;
}
const name = (a) => /filename="([^"]+)"/.exec(a.headers['content-disposition'])[1];
const acts = (s) => /^[' ]*[=+\-@\t\r\n＝＋－＠]/.test(s);
const undone = (cell) => (cell.startsWith("'") && acts(cell.slice(1)) ? cell.slice(1) : cell);
const langOf = (who) => (who === w.mox ? 'ur' : 'en');

/** A member as a cell says it. */
function said(v, l) {
  if (v === null || v === undefined) return '';
  if (Array.isArray(v)) return v.map((x) => said(x, l)).join('; ');
  if (typeof v === 'object' && 'first' in v) return v[l] || v[v.first];
  if (typeof v === 'object' && 'name' in v) return said(v.name, l);
  return typeof v === 'object' ? JSON.stringify(v) : String(v);
}
const cellOf = (item, column, l, label) => (column === 'tlp' && item.tlp === undefined ? label : said(column.split('.').reduce((v, part) => v?.[part], item), l));

async function whole(who, to) {
  const a = await who.call('GET', to);
  if (a.status !== 200) return { refused: a };
  return { items: 'next' in a.json ? await who.all(to) : a.json.items };
}

test('every list that is let out says so, and all of the usual are', () => {
  const ids = LISTS.map((l) => l.id);
  for (const id of ['organisation_list', 'network_list', 'import_list', 'person_list', 'leave_list', 'delegation_list', 'recert_list', 'contact_list', 'act_list', 'glass_list', 'task_list', 'key_list', 'ledger_list', 'file_list', 'group_list', 'reads_list', 'feed_list', 'event_list', 'finding_list', 'notice_list', 'queue', 'indicator_list']) assert.ok(ids.includes(id), id);
});

for (const list of LISTS) {
  test(`${list.id}: the file is the list, for whoever asks`, async () => {
    let rows = 0;
    for (const [name, who] of Object.entries(viewers)) {
      const to = address(list), want = await whole(who, to), lines = await ask(who, to, 'jsonl');
      if (want.refused) {
        const csv = await ask(who, to);
        assert.deepEqual([lines.status, lines.text, csv.status, csv.text], [want.refused.status, want.refused.text, want.refused.status, want.refused.text], `${name} is refused as the list refuses`);
        continue;
      }
      assert.equal(lines.status, 200, lines.text);
      const label = lines.headers['minar-tlp'], bare = want.items.length > 0 && want.items[0].tlp === undefined;
      const got = lines.text.split('\n').slice(0, -1).map((l) => JSON.parse(l));
      assert.deepEqual(got, want.items.map((i) => (bare ? { ...i, tlp: label } : i)), `${name}, lines`);
      const again = await whole(who, to), csv = await ask(who, to), read = await python(csv.bytes);
      assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8; header=present');
      assert.deepEqual(read.rows[0], list.columns);
      assert.deepEqual(read.rows.slice(1).map((r) => r.map(undone)), again.items.map((i) => list.columns.map((c) => cellOf(i, c, langOf(who), label))), `${name}, csv`);
      assert.deepEqual([read.acts, read.ends, read.bom], [[], true, false], name);
      rows += again.items.length;
    }
    const empty = ['delegation_list', 'act_list', 'glass_list', 'task_list', 'reads_list', 'recert_list', 'leave_list', 'dead_list', 'letter_list'];
    assert.ok(rows > 0 || empty.includes(list.id), 'somebody has rows');
  });
}

test('texts that nobody should be afraid of come back as they were, and act in no cell', async () => {
  const a = await ask(officer, '/api/indicators'), { rows, acts: bad } = await python(a.bytes), at = rows[0].indexOf('why');
  assert.deepEqual(rows.slice(1).map((r) => undone(r[at])).sort(), [...TEXTS].sort());
  assert.deepEqual(bad, []);
  assert.ok(rows.slice(1).some((r) => r[at].startsWith("'=")));
  assert.ok(TEXTS.length > 90, String(TEXTS.length));
});

test('filter, order and columns are those that were asked for; a mark of UTF-8 where it is wanted', async () => {
  const to = '/api/notices?state=sent', want = await officer.all(to), a = await ask(officer, to, 'csv&bom=true&columns=due,org.name,number'), read = await python(a.bytes);
  assert.ok(want.length > 0);
  assert.ok(read.bom);
  assert.deepEqual(read.rows, [['due', 'org.name', 'number'], ...want.map((n) => [n.due, n.org.name.en, n.number])]);
  assert.equal((await ask(officer, '/api/notices?state=undone', 'jsonl')).text, '');
  assert.deepEqual((await officer.call('GET', '/api/notices?%66orma%74=csv&%73tate=sent&columns=number', { checked: false })).text.split('\r\n').slice(1, -1), want.map((n) => n.number), 'however its names are escaped');
  const ur = await ask(w.mox, '/api/notices', 'csv&columns=subject'), subjects = (await w.mox.all('/api/notices')).map((n) => n.subject.ur);
  assert.deepEqual((await python(ur.bytes)).rows.slice(1).map((r) => r[0]), subjects);
});

test('the highest label of the rows stands in the header and in the name', async () => {
  const bank = await ask(w.bnk, '/api/indicators');
  assert.ok(['GREEN', 'AMBER'].includes(bank.headers['minar-tlp']));
  assert.match(name(bank), new RegExp(`^minar-indicators-TLP-${bank.headers['minar-tlp']}-\\d{8}T\\d{6}Z\\.csv$`));
  const { id } = await officer.post('/api/indicators', { value: 'strict.example', why: 'x', tlp: 'AMBER+STRICT' });
  const mine = await ask(officer, '/api/indicators', 'jsonl'), theirs = await ask(w.bnk, '/api/indicators', 'jsonl');
  assert.equal(mine.headers['minar-tlp'], 'AMBER+STRICT');
  assert.match(name(mine), /^minar-indicators-TLP-AMBER-STRICT-\d{8}T\d{6}Z\.jsonl$/);
  assert.ok(mine.text.includes(id) && !theirs.text.includes(id));
  assert.equal(theirs.headers['minar-tlp'], bank.headers['minar-tlp']);
  assert.match(name(await ask(w.mox, '/api/people')), /^minar-people-TLP-AMBER-STRICT-/);
  assert.equal(mine.headers['content-security-policy'].includes('sandbox'), true);
  assert.equal(mine.headers['cache-control'], 'no-store');
});

test('the ledger says who took what, by which filter, how many rows; what was typed is not told', async () => {
  const before = (await officer.get('/api/ledger?limit=1')).items[0].id;
  await ask(w.bnk, `/api/notices?state=sent&org=${w.BNK}`);
  await ask(w.bnk, '/api/indicators?q=Bilal%20Raza', 'jsonl');
  const made = (l) => l.items.filter((e) => e.type === 'export.made');
  const [second, first] = made(await w.bnk.get('/api/ledger?limit=10'));
  assert.notEqual(first.id, before);
  assert.deepEqual(first.export, { list: 'notice_list', format: 'csv', rows: 1, tlp: (await w.bnk.get('/api/notices')).items[0].tlp, filter: { state: 'sent', org: w.BNK } });
  assert.deepEqual([second.export.list, second.export.rows, second.export.filter], ['indicator_list', 0, { q: '*' }]);
  assert.ok(first.who.includes('Bilal Raza') && first.words.length > 10);
  assert.ok(made(await officer.get('/api/ledger?limit=10')).some((e) => e.id === first.id), 'the national desk sees it');
  for (const who of [w.mox, other]) assert.ok(!made(await who.get('/api/ledger?limit=50')).some((e) => e.id === first.id || e.id === second.id), 'others do not');
  const body = (await site.cli(['verify'])).out;
  assert.match(body, /./);
});

/** What poppler reads off the pages, the marks of direction taken away. */
async function pages(bytes) {
  const at = path.join(site.dir, `list-${process.hrtime.bigint()}.pdf`);
  writeFileSync(at, bytes);
  const r = await run('pdftotext', ['-layout', at, '-']), info = await run('pdfinfo', [at]);
  assert.equal(r.code, 0, r.err);
  if (process.env.MINAR_SHOTS) await run('pdftoppm', ['-r', '70', '-png', at, `${process.env.MINAR_SHOTS}/${path.basename(at, '.pdf')}`]);
  return { text: r.out.replace(/[\u2066-\u2069\u200e\u200f\u202a-\u202e]/g, ''), n: Number(/Pages:\s+(\d+)/.exec(info.out)[1]), size: /Page size:\s+(.*)/.exec(info.out)[1] };
}
const packed = (s) => s.normalize('NFKC').replace(/\s+/g, '');

test('every list on pages: its label on each, its rows and nobody else\'s, in the reader\'s language', async () => {
  for (const list of LISTS) {
    for (const who of [officer, w.mox]) {
      const to = address(list), a = await ask(who, to, 'pdf'), want = await whole(who, to);
      if (want.refused) { assert.equal(a.status, want.refused.status, list.id); continue; }
      assert.equal(a.status, 200, `${list.id}: ${a.text.slice(0, 300)}`);
      assert.equal(a.headers['content-type'], 'application/pdf');
      assert.match(name(a), /\.pdf$/);
      const p = await pages(a.bytes), label = a.headers['minar-tlp'];
      assert.equal(p.text.split(`TLP:${label}`).length - 1 >= 2 * p.n, true, `${list.id}: marked at head and foot of ${p.n} pages`);
      assert.match(p.size, /841\.\d+ x 595/, 'a page on its side');
      assert.match(p.text, new RegExp(`${who === w.mox ? 'قطار' : 'Rows'}`.normalize('NFKC')), list.id);
    }
  }
  const mine = await pages((await ask(w.bnk, '/api/notices', 'pdf')).bytes), all = await pages((await ask(officer, '/api/notices', 'pdf')).bytes);
  const own = (await w.bnk.all('/api/notices')).map((n) => n.number), every = (await officer.all('/api/notices')).map((n) => n.number);
  assert.ok(own.length > 0 && every.length > own.length);
  for (const n of every) assert.deepEqual([mine.text.includes(n), all.text.includes(n)], [own.includes(n), true], n);
});

test('on pages: words for values, times in the site\'s zone, columns as they are asked for, Urdu', async () => {
  const n = (await w.bnk.all('/api/notices'))[0];
  const en = await pages((await ask(officer, `/api/notices?columns=number,state,created&org=${w.BNK}`, 'pdf')).bytes);
  const at = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Karachi', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(n.created));
  assert.match(en.text, new RegExp(`Number\\s+State\\s+Created\\s+${n.number}\\s+(Sent|Waits)[^\\n]*\\s${at}`));
  assert.ok(en.text.includes(`org=${w.BNK}`), 'by which filter');
  const ur = await pages((await ask(w.mox, '/api/notices?columns=number,subject', 'pdf')).bytes);
  assert.ok(packed(ur.text).includes(packed('نمبر')), ur.text.slice(0, 400));
  const few = await ask(officer, '/api/notices?columns=number,created,severity,org.key,org.name,subject,kind,findings,state', 'pdf');
  assert.deepEqual([few.status, few.json.pointer], [422, '/columns']);
  const entry = (await desk.all('/api/ledger')).find((e) => e.type === 'export.made');
  assert.ok(entry);
});

test('what cannot be had says why, and leaves no entry', async () => {
  const count = async () => (await desk.all('/api/ledger')).filter((e) => e.type === 'export.made').length;
  const at = await count(), to = '/api/notices?format=';
  for (const [q, status, pointer] of [['xml', 422, '/format'], ['csv&limit=5', 422, '/limit'], ['csv&cursor=x', 422, '/cursor'], ['csv&columns=number,secret', 422, '/columns'], ['csv&columns=', 422, '/columns'], ['jsonl&columns=number', 422, '/columns'], ['jsonl&bom=true', 422, '/bom'], ['pdf&bom=true', 422, '/bom'], ['pdf&columns=secret', 422, '/columns'], ['csv&bom=maybe', 422, '/bom'], ['csv&format=csv', 422, '/format'], ['csv&nothing=1', 422, '/nothing'], ['csv&org=x', 422, '/org'], ['csv&%6cimit=5', 422, '/limit'], ['csv&%63ursor=x', 422, '/cursor'], ['csv&%66ormat=csv', 422, '/format']]) {
    const a = await officer.call('GET', to + q);
    assert.deepEqual([a.status, a.json.pointer], [status, pointer], `${q} ${a.text}`);
    assert.ok(a.json.detail.length > 10);
  }
  for (const none of ['/api/session?format=csv', '/api/notices?bom=true', `/api/findings/${w.finding}?format=csv`]) refused(await officer.call('GET', none), 422, 'error.api.unknown_parameter');
  refused(await site.anyone().call('GET', `${to}csv`), 401);
  assert.equal(await count(), at);
});

test('another site cannot have a list taken out in somebody\'s name', async () => {
  for (const [headers, status] of [[{ 'sec-fetch-site': 'cross-site' }, 403], [{ 'sec-fetch-site': 'same-site' }, 403], [{ 'sec-fetch-site': 'none' }, 403], [{ origin: 'https://elsewhere.example' }, 403], [{}, 403], [{ 'sec-fetch-site': 'same-origin' }, 200]]) {
    const a = await send(site.server, 'GET', '/api/notices?format=csv', { headers: { cookie: w.bnk.cookie, ...headers } });
    assert.equal(a.status, status, JSON.stringify(headers));
  }
  assert.equal((await send(site.server, 'GET', '/api/notices', { headers: { cookie: w.bnk.cookie } })).status, 200, 'reading a list is as before');
});

test('a list that is longer than may be is refused in words; a filter makes it short enough', async (t) => {
  const bring = (name, n) => officer.file(`/api/imports/indicators?name=${name}.csv&source=long&tlp=GREEN`, `value\n${Array.from({ length: n }, (_, i) => `${name}-${i}.example`).join('\n')}\n`);
  await bring('some', 1990 - (await officer.all('/api/indicators')).length);
  const began = performance.now(), most = await ask(officer, '/api/indicators', 'pdf'), took = performance.now() - began;
  assert.equal(most.status, 200, most.text.slice(0, 300));
  const p = await pages(most.bytes);
  t.diagnostic(`1,990 rows on ${p.n} pages in ${took.toFixed(0)} ms, ${most.bytes.length} bytes`);
  for (const at of [0, 700, 1500]) assert.ok(p.text.includes(`some-${at}.example`), `row some-${at}`);
  await bring('more', 11);
  const wide = await ask(officer, '/api/indicators', 'pdf');
  refused(wide, 413, 'error.api.export_paper');
  assert.match(wide.json.detail, /2000/);
  assert.equal((await ask(officer, '/api/indicators')).status, 200);
  await bring('long', 520);
  const a = await ask(officer, '/api/indicators');
  refused(a, 413, 'error.api.export_rows');
  assert.match(a.json.detail, /2500/);
  const one = await ask(officer, '/api/indicators?q=long-7.example', 'jsonl');
  assert.equal(JSON.parse(one.text).value, 'long-7.example');
});

test('a key that is revoked takes nothing out any more; one limited to other things never did', async () => {
  const narrow = await w.bnk.post('/api/keys', { name: 'narrow', access: 'read', scope: 'notice.read' }), c = site.client({ key: narrow.secret });
  assert.equal((await ask(c, '/api/notices')).status, 200);
  assert.equal((await ask(c, '/api/findings')).status, 403);
  await w.bnk.ok('DELETE', `/api/keys/${narrow.id}`);
  assert.equal((await ask(c, '/api/notices')).status, 401);
});

test('by the command line', async () => {
  const csv = await site.cli(['notice', 'ls', '--csv', '--columns', 'number,tlp']);
  assert.equal(csv.code, 0, csv.err);
  const want = await desk.all('/api/notices');
  assert.deepEqual((await python(csv.out)).rows, [['number', 'tlp'], ...want.map((n) => [n.number, n.tlp])]);
  const lines = await site.cli(['notice', 'ls', '--format', 'jsonl', '--state', 'sent']);
  assert.deepEqual(lines.out.split('\n').slice(0, -1).map((l) => JSON.parse(l).state), want.filter((n) => n.state === 'sent').map(() => 'sent'));
  const no = await site.cli(['org', 'show', 'MOX', '--csv']);
  assert.equal(no.code, 2);
  assert.match(no.err, /csv/);
});

test('nothing of it is left on the disk', () => {
  assert.deepEqual(readdirSync(path.join(site.dir, 'spool')), []);
});
