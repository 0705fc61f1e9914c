// Framing: what two readers could read differently is refused, and a request hidden behind or within another is
// never carried out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { raw } from '../api/harness.mjs';
import { Site } from '../api/site.mjs';
import { BEHIND, BODY, PASSED_OVER, WRONG, probes } from './framing.mjs';

let site, key;
before(async () => {
  site = await Site.open({ conf: { http: { header_deadline_s: 3, body_deadline_s: 4, idle_s: 4 } } });
  key = (await site.desk.post('/api/keys', { name: 'framing', access: 'write' })).secret;
});
after(() => site.close());

const REFUSALS = [400, 404, 405, 411, 413, 414, 415, 417, 431, 501, 505];
const made = async () => (await site.desk.get('/api/organisations?q=SMUGGLED')).items.length;

test('ASVS-4.2.1 ambiguous and malformed requests are refused or cut, and nothing behind them is carried out', async () => {
  const all = probes(key), wrong = [];
  assert.ok(all.length >= 110, `${all.length} probes`);
  assert.equal(new Set(all.map(([, bytes]) => bytes)).size, all.length, 'each is another');
  async function one([name, bytes]) {
    const r = await raw(site.server, bytes + BEHIND(key), { wait: 9000 });
    const told = r.statuses.filter((s) => s !== 100), twice = r.text.includes('<b>Content-Length</b>') && told.length === 2; // the library says its own 400 twice, then closes
    if (!r.closed) wrong.push(`${name}: the connection stays open`);
    if (told.length > 1 && !twice) wrong.push(`${name}: ${told.length} answers: ${told}`);
    if (told.some((s) => !REFUSALS.includes(s))) wrong.push(`${name}: ${told}: ${r.text.slice(0, 120)}`);
  }
  for (let i = 0; i < all.length; i += 16) await Promise.all(all.slice(i, i + 16).map(one));
  assert.deepEqual(wrong, [], `${wrong.length} of ${all.length}`);
  assert.equal(await made(), 0, 'something smuggled was carried out');
});

test('what is well formed and wrong is refused, once', async () => {
  for (const [name, bytes] of WRONG) {
    const r = await raw(site.server, `${bytes}GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, { wait: 6000 });
    assert.ok(r.statuses[0] >= 400 && r.statuses[0] < 506, `${name}: ${r.text.slice(0, 200)}`);
    assert.ok(r.statuses.length === 1 || (r.statuses.length === 2 && r.statuses[1] === 200), `${name}: ${r.statuses}`);
  }
});

test('what is passed over within a chunked body moves nothing, and nothing behind it is read', async () => {
  for (const bytes of PASSED_OVER(key)) {
    const r = await raw(site.server, bytes + BEHIND(key), { wait: 6000 });
    assert.ok(r.closed && r.statuses.length <= 1, r.text);
  }
  assert.equal(await made(), 0);
});

test('a request as it should be is taken, also the second on one connection', async () => {
  const once = BEHIND(key), r = await raw(site.server, `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n${once}`, { wait: 3000 });
  assert.deepEqual(r.statuses, [200, 201], r.text);
  assert.equal(await made(), 1);
  assert.ok(BODY.includes('SMUGGLED'));
});

test('headers that others forge change nothing', async () => {
  const forged = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'for=127.0.0.1;host=evil.example', 'x-http-method-override': 'DELETE', 'x-original-url': '/api/keys', 'x-rewrite-url': '/api/keys', 'x-method-override': 'DELETE', via: '1.1 evil', 'proxy-connection': 'x', 'x-real-ip': '::1', 'cf-connecting-ip': '127.0.0.1', 'true-client-ip': '127.0.0.1', connection: 'close, authorization' };
  const client = site.client({ key });
  const plain = await client.call('GET', '/api/organisations?q=SMUGGLED');
  for (const [name, value] of Object.entries(forged)) {
    const a = await client.call('GET', '/api/organisations?q=SMUGGLED', { headers: { [name]: value } });
    assert.deepEqual([a.status, a.text], [plain.status, plain.text], name);
    assert.equal((await site.anyone().call('GET', '/api/session', { headers: { [name]: value } })).status, 401, name);
  }
});
