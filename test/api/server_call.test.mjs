// The way of one call: routes, credentials, rights, decoding, problems, tags, compression, idempotency,
// rates, the budget of reads, uploads. Against the API's test server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { ON_PG, as, send, sleep, startTestServer, stop } from './harness.mjs';

let server, ann;
before(async () => { server = await startTestServer(); ann = as(server, 'org1-ann'); });
after(async () => { await stop(server); });

const ID = '6ba7b810-9dad-41d1-80b4-00c04fd430c8', HIDDEN = 'ff' + ID.slice(2);

async function problem(promise, status, more = {}) {
  const r = await promise;
  assert.equal(r.status, status);
  assert.equal(r.headers.get('content-type'), 'application/problem+json');
  const body = await r.json();
  assert.equal(body.status, status);
  assert.ok(body.type && body.title && body.detail && body.code.startsWith('error.'), JSON.stringify(body));
  for (const [key, value] of Object.entries(more)) assert.deepEqual(body[key], value, JSON.stringify(body));
  return { body, headers: r.headers };
}

test('unknown paths are 404', async () => {
  for (const p of ['/nope', '/t', '/t/', '/t/items/', `/t/items/${ID}/`, `/t/items/${ID}/more`, '//t/who', '/t//who', '/t/./who',
    '/t/%77ho', '/T/WHO', `/t/items/${ID}%2F`, `/t/items/${ID}%00`, '/t/items/%zz', '/t/items/%c3%28'])
    assert.equal((await send(server, 'GET', p, { headers: { authorization: 'Bearer org1-ann' } })).status, 404, p);
});

test('a known path with another method is 405 and says what it takes', async () => {
  const { headers } = await problem(ann('/t/items', { method: 'DELETE' }), 405, { code: 'error.api.method' });
  assert.equal(headers.get('allow'), 'POST');
  assert.equal((await problem(ann('/t/who', { method: 'PUT' }), 405)).headers.get('allow'), 'GET, HEAD');
  for (const m of ['OPTIONS', 'TRACE', 'PROPFIND']) assert.equal((await send(server, m, '/t/who')).status, 405, m);
});

test('every method on every path gives a proper answer', async () => {
  for (const p of ['/healthz', '/t/who', `/t/items/${ID}`, '/t/upload', '/l/x', '/t/stream', '/no'])
    for (const m of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) {
      const r = await send(server, m, p);
      assert.ok(r.status < 500, `${m} ${p} ${r.status}`);
    }
});

test('hidden, absent and malformed ids are one and the same', async () => {
  const answers = [];
  for (const id of [HIDDEN, 'not-an-id', '%20']) {
    const r = await ann(`/t/items/${id}`);
    answers.push([r.status, await r.text(), [...r.headers].filter(([k]) => k !== 'date').sort().toString()].join('|'));
  }
  assert.equal(new Set(answers).size, 1, answers.join('\n'));
});

test('refusals leave on the tick', async () => {
  for (const [name, target] of [['org1-ann', `/t/items/${HIDDEN}`], ['bad-key', '/t/who'], ['org1-ann', '/t/admin']]) {
    const times = [];
    for (let i = 0; i < 15; i++) {
      const t = performance.now();
      await send(server, 'GET', target, { headers: { authorization: `Bearer ${name}` } });
      times.push(performance.now() - t);
    }
    assert.ok(Math.min(...times) >= 4.5, `${target}: ${Math.min(...times)} ms`);
  }
});

test('401 without credentials or with wrong ones; public routes do not mind', async () => {
  await problem(fetch(server.base + '/t/who'), 401, { code: 'error.api.sign_in' });
  await problem(as(server, 'bad-key')('/t/who'), 401);
  assert.equal((await as(server, 'bad-key')('/healthz')).status, 200);
});

test('403 without the right', async () => {
  await problem(ann('/t/admin'), 403);
  assert.equal((await as(server, 'admin')('/t/admin')).status, 200);
});

test('problems speak the language of who asks', async () => {
  const ur = await (await as(server, 'admin')('/t/items/x')).json();
  assert.match(ur.title, /[\u0600-\u06ff]/);
  const accepted = await (await fetch(server.base + '/t/who', { headers: { 'accept-language': 'fr, ur-PK;q=0.9, en' } })).json();
  assert.match(accepted.title, /[\u0600-\u06ff]/);
  assert.match((await (await fetch(server.base + '/t/who')).json()).title, /^[\x20-\x7e]+$/);
});

test('cookies on unsafe methods need a request of this site', async () => {
  const post = (headers) => send(server, 'POST', '/t/items', { body: '{"name":"a"}',
    headers: { 'content-type': 'application/json', 'content-length': 12, host: 'cert.example', cookie: 'a=b; t=org1-ann', ...headers } });
  assert.equal((await post({})).status, 403);
  assert.equal((await post({ origin: 'https://cert.example' })).status, 201);
  assert.equal((await post({ origin: 'http://cert.example' })).status, 201);
  assert.equal((await post({ 'sec-fetch-site': 'same-origin' })).status, 201);
  assert.equal((await post({ 'sec-fetch-site': 'same-origin', origin: 'null' })).status, 201);
  for (const origin of ['https://evil.example', 'null', 'https://cert.example.evil', 'https://cert.example:444', 'ftp://cert.example'])
    assert.equal((await post({ origin })).status, 403, origin);
  for (const site of ['cross-site', 'same-site', 'none'])
    assert.equal((await post({ 'sec-fetch-site': site, origin: 'https://cert.example' })).status, 403, site);
  assert.equal((await post({ authorization: 'Bearer org1-ann', cookie: '', origin: 'https://evil.example' })).status, 201);
  assert.equal((await send(server, 'GET', '/t/who', { headers: { cookie: 't=org1-ann', origin: 'https://evil.example' } })).status, 200);
});

test('a body has to be JSON, and say so', async () => {
  const post = (body, type = 'application/json') => ann('/t/items', { method: 'POST', body, headers: { 'content-type': type } });
  await problem(post('{"name":"a"}', 'text/plain'), 415);
  await problem(post('name=a', 'application/x-www-form-urlencoded'), 415);
  assert.equal((await post('{"name":"a"}', 'Application/JSON; charset=utf-8')).status, 201);
  await problem(post(''), 400, { code: 'error.api.no_body' });
  for (const bad of ['{', '{"name":"a"', '{"name":"a"}x', '{"name":"a",}', "{'name':1}", '{"name":"\\ud800"}', '\ufeff{"name":"a"}'])
    assert.ok([400, 422].includes((await post(bad)).status), bad);
  const { body } = await problem(post('{\n "name": nope}'), 400);
  assert.equal(body.row, 2);
});

test('fields are refused with their place', async () => {
  const bad = async (json, pointer, code) => problem(ann('/t/items', { method: 'POST', json }), 422, { pointer, code: `error.api.${code}` });
  await bad({}, '/name', 'missing');
  await bad({ name: 5 }, '/name', 'want_text');
  await bad({ name: null }, '/name', 'want_text');
  await bad({ name: '' }, '/name', 'too_short');
  await bad({ name: 'x'.repeat(51) }, '/name', 'too_long');
  await bad({ name: 'a', row: 1 }, '/row', 'unknown_member');
  await bad({ name: 'a', 'a/b~c': 1 }, '/a~1b~0c', 'unknown_member');
  await bad({ name: 'a', label: 5 }, '/label', 'too_big');
  await bad({ name: 'a', label: -1 }, '/label', 'too_small');
  await bad({ name: 'a', label: 1.5 }, '/label', 'want_whole');
  await bad({ name: 'a', label: '1' }, '/label', 'want_whole');
  await bad({ name: 'a', tags: 'x' }, '/tags', 'want_list');
  await bad({ name: 'a', tags: ['a', 1] }, '/tags/1', 'want_text');
  await bad({ name: 'a', tags: ['a', 'b', 'c', 'd'] }, '/tags', 'too_many');
  await bad({ name: 'a', nested: { within: 'x' } }, '/nested/within', 'want_whole');
  await bad({ name: 'a', nested: {} }, '/nested/within', 'missing');
  await bad({ name: 'a', nested: [] }, '/nested', 'want_object');
  for (const mail of ['a', 'a@', '@b.c', 'a@b', 'a b@c.de', 'a@b..c', 'a@b.c.', 'a@b@c.de', '<a@b.cd>'])
    await bad({ name: 'a', mail }, '/mail', 'not_mail');
  await problem(ann('/t/items', { method: 'POST', json: [] }), 422, { code: 'error.api.want_object' });
  const good = { name: 'ن'.repeat(50), label: 4, tags: ['a'], mail: 'a.b@example.org', note: null, nested: { within: 1 }, any: { x: [1] }, share: 0.5 };
  assert.equal((await ann('/t/items', { method: 'POST', json: good })).status, 201);
});

test('members twice are refused', async () => {
  const r = await ann('/t/items', { method: 'POST', body: '{"name":"a","name":"b"}', headers: { 'content-type': 'application/json' } });
  assert.ok(r.status === 400 || r.status === 422);
});

test('queries are decoded by table', async () => {
  const at = '2026-11-24T11:24:25Z';
  const r = await ann(`/t/echo?text=a%20b%2Bc+d&n=3&yes=true&id=${ID}&at=${at}&word=two`);
  assert.deepEqual(await r.json(), { text: 'a b+c d', n: 3, yes: true, id: ID, at, word: 'two' });
  assert.deepEqual(await (await ann('/t/echo')).json(), {});
  assert.deepEqual(await (await ann('/t/echo?&&text=&')).json(), { text: '' });
  for (const [query, pointer, code] of [['n=0', '/n', 'too_small'], ['n=x', '/n', 'not_whole'], ['n=', '/n', 'not_whole'], ['yes=maybe', '/yes', 'not_truth'],
    ['id=1', '/id', 'not_an_id'], ['at=yesterday', '/at', 'not_a_time'], ['word=three', '/word', 'not_a_choice'], ['text=a&text=b', '/text', 'twice'],
    ['what=1', '/what', 'unknown_parameter'], ['text=' + 'x'.repeat(21), '/text', 'too_long']])
    await problem(ann(`/t/echo?${query}`), 422, { pointer, code: `error.api.${code}` });
  for (const query of ['text=%', 'text=%4', 'text=%zz', 'text=%ff', 'text=%00', '%ff=1'])
    assert.equal((await send(server, 'GET', `/t/echo?${query}`, { headers: { authorization: 'Bearer org1-ann' } })).status, 400, query);
  await problem(ann('/t/who?x=1'), 422, { code: 'error.api.unknown_parameter' });
});

test('entity tags', async () => {
  const one = await ann(`/t/items/${ID}`);
  assert.equal(one.headers.get('etag'), '"v3"');
  assert.equal(one.headers.get('cache-control'), 'no-store');
  for (const tag of ['"v3"', 'W/"v3"', '"v1", "v3"', '*']) {
    const r = await send(server, 'GET', `/t/items/${ID}`, { headers: { authorization: 'Bearer org1-ann', 'if-none-match': tag } });
    assert.equal(r.status, 304, tag);
    assert.equal(r.bytes.length, 0);
  }
  assert.equal((await send(server, 'GET', `/t/items/${ID}`, { headers: { authorization: 'Bearer org1-ann', 'if-none-match': '"v2"' } })).status, 200);
  const a = await ann('/t/list'), b = await ann('/t/list'), c = await as(server, 'org1-bob')('/t/list');
  assert.ok(a.headers.get('etag').length > 20);
  assert.equal(a.headers.get('etag'), b.headers.get('etag'));
  assert.notEqual(a.headers.get('etag'), c.headers.get('etag'), 'cursors differ by viewer, so do the bytes');
});

test('If-Match', async () => {
  const patch = (headers) => ann(`/t/items/${ID}`, { method: 'PATCH', json: { name: 'b' }, headers });
  await problem(patch({}), 400, { code: 'error.api.if_match_missing' });
  await problem(patch({ 'if-match': '"v2"' }), 412);
  assert.equal((await patch({ 'if-match': '"v3"' })).status, 200);
});

test('cursors are opaque and bound', async () => {
  const seen = [];
  let next = '';
  do {
    const page = await (await ann(`/t/list?limit=30${next && `&cursor=${next}`}`)).json();
    seen.push(...page.items);
    next = page.next;
  } while (next);
  assert.deepEqual(seen, Array.from({ length: 100 }, (_, i) => i));
  const { next: mine } = await (await ann('/t/list?limit=5')).json();
  assert.match(mine, /^[A-Za-z0-9_-]+$/);
  const bad = { code: 'error.api.cursor', pointer: '/cursor' };
  await problem(as(server, 'org1-bob')(`/t/list?cursor=${mine}`), 422, bad);
  await problem(ann(`/t/list?cursor=${mine.slice(0, -2)}`), 422, bad);
  const flipped = (mine[9] === 'A' ? 'B' : 'A');
  await problem(ann(`/t/list?cursor=${mine.slice(0, 9)}${flipped}${mine.slice(10)}`), 422, bad);
  await problem(ann('/t/list?cursor=AAAA'), 422, bad);
});

test('gzip when it is taken and worth it', async () => {
  const get = (n, coding) => send(server, 'GET', `/t/big?n=${n}`, { headers: { authorization: 'Bearer org1-ann', ...(coding ? { 'accept-encoding': coding } : {}) } });
  const plain = await get(5000), packed = await get(5000, 'br, gzip;q=0.8'), small = await get(10, 'gzip'), off = await get(5000, 'gzip;q=0, identity');
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers.vary, 'Accept-Encoding');
  assert.deepEqual(zlib.gunzipSync(packed.bytes), plain.bytes);
  assert.ok(packed.bytes.length < plain.bytes.length / 2);
  assert.equal(small.headers['content-encoding'], undefined);
  assert.equal(off.headers['content-encoding'], undefined);
  assert.equal((await send(server, 'GET', '/t/big?n=5000', { sock: server.sock, headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], undefined);
});

test('HEAD says what GET would, without the body', async () => {
  const r = await send(server, 'HEAD', `/t/items/${ID}`, { headers: { authorization: 'Bearer org1-ann' } });
  assert.equal(r.status, 200);
  assert.equal(r.bytes.length, 0);
  assert.equal(r.headers.etag, '"v3"');
});

test('Idempotency-Key: the same again gives the same answer, another request is refused', async () => {
  const post = (key, json, who = ann) => who('/t/items', { method: 'POST', json, headers: { 'idempotency-key': key } });
  const first = await (await post('k1', { name: 'a' })).text();
  const again = await post('k1', { name: 'a' });
  assert.equal(again.status, 201);
  assert.equal(await again.text(), first);
  await problem(post('k1', { name: 'b' }), 422, { code: 'error.api.idempotency_other' });
  assert.notEqual(await (await post('k1', { name: 'a' }, as(server, 'org1-bob'))).text(), first);
  assert.notEqual(await (await post('k2', { name: 'a' })).text(), first);
  await problem(post('k'.repeat(129), { name: 'a' }), 400);
  await problem(post('k3', { name: 'a', fail: true }), 409);
  assert.equal((await post('k3', { name: 'a' })).status, 201, 'a refused one leaves nothing behind');
  const many = await Promise.all(Array.from({ length: 20 }, () => post('k4', { name: 'a' }).then((r) => r.text())));
  assert.equal(new Set(many).size, 1);
});

test('a write that waits in the queue is judged by the rights of when it is done', async () => {
  const late = as(server, 'org1-late'), item = (name) => late('/t/items', { method: 'POST', json: { name } });
  assert.equal((await item('before')).status, 201);
  const revoke = (name, after_ms) => as(server, 'org1-ann')('/t/revoke', { method: 'POST', json: { name, after_ms } });
  const busy = revoke('', 500);
  await sleep(100); // the writer is at it: the next two wait behind and would be one group
  const revoked = revoke('org1-late', 0);
  await sleep(50);
  const began = performance.now();
  await problem(item('behind'), 401, { code: 'error.api.sign_in' });
  assert.ok(performance.now() - began > 100, 'it has waited for its turn');
  assert.ok((await busy).ok && (await revoked).ok);
});

test('rates: 429 with Retry-After, by address or by person', async () => {
  const statuses = [];
  for (let i = 0; i < 40; i++) statuses.push((await ann('/t/rate')).status);
  assert.ok(statuses.slice(0, 15).every((s) => s === 200));
  assert.ok(statuses.slice(20).every((s) => s === 429));
  const { headers } = await problem(ann('/t/rate'), 429, { code: 'error.api.rate' });
  assert.ok(Number(headers.get('retry-after')) >= 1);
});

test('a read over its budget goes to the pool', { skip: ON_PG && 'there is no budget on PostgreSQL: all reads go to a pool' }, async () => {
  assert.deepEqual(await (await ann('/t/budget')).json(), { state: 'done' });
});

test('more slow calls than workers wait their turn; reads go on meanwhile', async () => {
  const began = performance.now();
  const slow = Promise.all(Array.from({ length: 12 }, () => ann('/t/slow?n=100').then((r) => r.status)));
  await sleep(20);
  const t = performance.now();
  assert.equal((await ann('/t/who')).status, 200);
  assert.ok(performance.now() - t < 90, 'a quick read is not behind slow ones');
  assert.ok((await slow).every((s) => s === 200));
  assert.ok(performance.now() - began < 1500);
});

test('too many slow calls are told to come again', async () => {
  const all = await Promise.all(Array.from({ length: 300 }, () => send(server, 'GET', '/t/slow?n=10', { headers: { authorization: 'Bearer org1-many' } }).then((r) => r.status)));
  assert.ok(all.includes(200));
  assert.ok(all.every((s) => s === 200 || s === 503), [...new Set(all)].join());
});

test('uploads are spooled, summed, and gone afterwards', async () => {
  const bytes = Buffer.alloc(3 << 20, 7);
  const spool = path.join(path.dirname(server.sock), 'spool');
  const r = await ann('/t/upload', { method: 'POST', body: bytes });
  assert.deepEqual(await r.json(), { bytes: bytes.length, sum: bytes.length * 7 });
  assert.deepEqual(await (await ann('/t/upload', { method: 'POST' })).json(), { bytes: 0, sum: 0 });
  const stream = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(50000).fill(1)); c.enqueue(new Uint8Array(50000).fill(2)); c.close(); } });
  assert.deepEqual(await (await ann('/t/upload', { method: 'POST', body: stream, duplex: 'half' })).json(), { bytes: 100000, sum: 150000 });
  assert.equal((await fetch(server.base + '/t/upload', { method: 'POST', body: 'x' })).status, 401);
  const large = await send(server, 'POST', '/t/upload', { headers: { authorization: 'Bearer org1-ann', 'content-length': 17 << 20 } }).catch(() => ({ status: 413 }));
  assert.equal(large.status, 413);
  await sleep(100);
  assert.deepEqual(readdirSync(spool), []);
});

test('pages and forms', async () => {
  const page = await fetch(server.base + '/l/some%20token');
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(page.headers.get('content-security-policy'), /form-action 'self'/);
  assert.match(await page.text(), /some token/);
  const form = await fetch(server.base + '/l/x', { method: 'POST', body: new URLSearchParams({ name: 'Ann & نور' }) });
  assert.match(await form.text(), /Ann & نور/);
  const gone = await fetch(server.base + '/l/gone');
  assert.equal(gone.status, 404);
  assert.equal(gone.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(await gone.text(), /<title>Not found/);
});

test('a stop in the middle: what is in hand is answered', async () => {
  const other = await startTestServer();
  const slow = as(other, 'org1-ann')('/t/slow?n=800');
  await sleep(100);
  const stopped = stop(other);
  assert.equal((await slow).status, 200);
  await stopped;
});

// ---- a list as a file ----

const rowsOf = (text) => text.split('\r\n').slice(1, -1);

test('a file is all pages of its list, whatever its length', async () => {
  for (const n of [0, 1, 8, 200, 201, 1000]) {
    const a = await ann(`/t/rows?n=${n}&format=csv`), text = await a.text();
    assert.equal(a.status, 200, text);
    assert.deepEqual(rowsOf(text), Array.from({ length: n }, (_, i) => `${i},a,${i === 7 ? 'AMBER' : 'GREEN'}`), String(n));
    assert.equal(a.headers.get('minar-tlp'), n > 7 ? 'AMBER' : n ? 'GREEN' : 'CLEAR');
  }
  const lines = (await (await ann('/t/rows?n=500&format=jsonl')).text()).split('\n').slice(0, -1).map((l) => JSON.parse(l).n);
  assert.deepEqual(lines, Array.from({ length: 500 }, (_, i) => i));
});

test('each page is read by the rights of its moment: who loses them under way gets nothing', async () => {
  const late = as(server, 'org1-taker'), began = Date.now();
  const whole = late('/t/rows?n=4000&pause_ms=50&format=csv');
  await sleep(300);
  assert.equal((await ann('/t/revoke', { method: 'POST', json: { name: 'org1-taker' } })).status, 204);
  await problem(whole, 401);
  assert.ok(Date.now() - began < 900, 'and it ends at the next page, not at the last');
});

test('a page that fails is no file', async () => {
  const a = await ann('/t/rows?n=900&breaks=400&format=csv');
  assert.equal(a.status, 500);
  assert.equal(a.headers.get('minar-tlp'), null);
  assert.equal(a.headers.get('content-disposition'), null);
});

test('more rows than a file may have, and more bytes than it may hold, are refused', async () => {
  await problem(ann('/t/rows?n=100001&format=jsonl'), 413, { code: 'error.api.export_rows' });
  assert.equal((await ann('/t/rows?n=100000&format=jsonl')).status, 200);
});

test('two are made at a time; some wait; more come again later, and other calls do not wait for them', async () => {
  const many = Array.from({ length: 50 }, () => ann('/t/rows?n=2000&pause_ms=20&format=csv'));
  await sleep(50);
  const began = Date.now();
  assert.equal((await ann('/t/slow?n=1')).status, 200);
  assert.equal((await ann('/t/rows?n=5')).status, 200);
  assert.ok(Date.now() - began < 1000);
  const got = await Promise.all(many.map(async (m) => { const a = await m; return [a.status, a.headers.get('retry-after') !== null, await a.text()]; }));
  const good = got.filter(([s]) => s === 200), busy = got.filter(([s]) => s === 503);
  assert.equal(good.length + busy.length, 50);
  assert.ok(good.length >= 32 && busy.length >= 10, `${good.length} ${busy.length}`);
  assert.ok(good.every(([, , text]) => rowsOf(text).length === 2000));
});

test('whoever goes away before the file is made leaves nothing behind', async () => {
  const gone = new AbortController(), a = ann('/t/rows?n=4000&pause_ms=30&format=csv', { signal: gone.signal }).catch((e) => e);
  await sleep(100);
  gone.abort();
  await a;
  await sleep(1200);
  assert.equal((await ann('/t/rows?n=3&format=csv')).status, 200);
  assert.deepEqual(readdirSync(path.join(path.dirname(server.sock), 'spool')), []);
});
