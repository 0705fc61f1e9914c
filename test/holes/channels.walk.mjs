// Channels: an address that an organisation names is not connected to inside, however it is spelt; their secrets
// stand nowhere; they are their organisation's alone; what others wrote is text in what leaves and nothing else.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startReceiver } from '../api/receiver.mjs';
import { poll } from '../api/site.mjs';
import { ABSENT, ground } from './ground.mjs';

let site, desk, w, inner;
before(async () => {
  inner = await startReceiver();
  ({ site, desk, w } = await ground({ conf: { channel: { http: true } } }));
});
after(async () => {
  await site?.close();
  await inner?.stop();
});

const set = (url, more = {}) => desk.call('POST', `/api/organisations/${w.MOX}/channels`, { json: { kind: 'webhook', url, ...more } });
const line = async () => (await desk.get(`/api/organisations/${w.MOX}/channels`)).items[0];

test('CVE-2020-28043 a webhook is not led inside: by number, name, other spellings of an address, port or scheme', async () => {
  const { port } = inner, refusedAtOnce = [`file:///etc/passwd`, `gopher://127.0.0.1:${port}/x`, 'https://u:p@127.0.0.1/', 'http://127.0.0.1:25/', 'http://127.0.0.1:port/', `http://127.0.0.1:${port}/\r\nX: y`, 'javascript:alert(1)'];
  for (const url of refusedAtOnce) {
    const a = await set(url);
    assert.equal(a.status, 422, `${url}: ${a.status} ${a.text}`);
  }
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '017700000001', '127.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0']) {
    const a = await set(`http://${host}:${port}/x`);
    if (a.status === 422) continue; // refused as no address at all
    assert.equal(a.status, 201, `${host}: ${a.text}`);
    await desk.ok('POST', `/api/channels/${a.json.id}/test`);
    const c = await poll(`the test to ${host}`, async () => { const x = await line(); return x.test === 'bad' && x; }, 30000);
    assert.ok(c.test_words.length > 10, host);
    assert.equal(inner.requests.length, 0, `${host} was connected to`);
  }
});

test('CVE-2020-15411 a channel is its organisation\'s: for everybody else it is not there, and says nothing of itself', async () => {
  const made = (await set('https://soc.example/x')).json;
  const none = (await w.bnk.call('DELETE', `/api/channels/${ABSENT}`)).json;
  for (const [method, tail, json] of [['PATCH', '', { state: 'off' }], ['POST', '/secret'], ['POST', '/test'], ['DELETE', '']]) {
    for (const who of [w.bnk, site.anyone()]) {
      const a = await who.call(method, `/api/channels/${made.id}${tail}`, { json });
      assert.ok([401, 403, 404].includes(a.status), `${method} ${tail}: ${a.status} ${a.text}`);
      if (a.status === 404) assert.equal(a.json.title, none.title);
    }
  }
  for (const target of [`/api/organisations/${w.MOX}/channels`, `/api/organisations/MOX/channels`, `/api/organisations/${w.MOX}/channels/preview?kind=webhook`]) {
    const a = await w.bnk.call('GET', target);
    assert.ok([403, 404].includes(a.status), `${target}: ${a.status}`);
  }
  assert.ok(!(await w.bnk.get('/api/ledger?limit=200')).items.some((e) => e.subject === made.id));
});

test('CVE-2017-16946 no secret of a channel stands in an answer, a log, the ledger or the store', async () => {
  const { id, secret } = (await set('https://soc.example/canary-path-of-a-hook')).json;
  const matrix = await desk.call('POST', `/api/organisations/${w.MOX}/channels`, { json: { kind: 'matrix', url: 'https://soc.example', room: '!canary-room:soc.example', token: 'canary-token-of-matrix' } });
  assert.equal(matrix.status, 201, matrix.text);
  const canaries = [secret.slice(6), 'canary-path-of-a-hook', 'canary-token-of-matrix', '!canary-room'];
  const told = [JSON.stringify(await desk.get(`/api/organisations/${w.MOX}/channels`)), JSON.stringify(await desk.get('/api/ledger?limit=200')), JSON.stringify(await desk.get('/api/deliveries/failed')), site.server.log, (await site.cli(['channel', 'ls', 'MOX'])).out];
  const walk = (dir) => { for (const f of readdirSync(dir)) { const p = path.join(dir, f), s = statSync(p); if (s.isDirectory()) walk(p); else if (s.isFile() && s.size < 64e6) told.push(readFileSync(p).toString('latin1')); } };
  walk(site.dir);
  if (site.database) told.push(site.database.query('SELECT x::text FROM minar_live.channel x'));
  for (const c of canaries) for (const t of told) assert.ok(!t.includes(c), `${c} stands in ${t.slice(0, 60)}`);
  assert.ok(id);
});

test('CVE-2021-21439 what others wrote starts no header and no field in what leaves', async () => {
  for (const token of ['a\r\nX-Evil: 1', 'a b', 'ä']) {
    const a = await desk.call('POST', `/api/organisations/${w.MOX}/channels`, { json: { kind: 'matrix', url: 'https://soc.example', room: '!a:b', token } });
    assert.equal(a.status, 422, `${JSON.stringify(token)} ${a.status}`);
  }
  const o = await desk.get(`/api/organisations/${w.MOX}`), name = '","evil":1,"x":"\u202e</script>';
  await desk.ok('PATCH', `/api/organisations/${w.MOX}`, { json: { name_en: name }, ifMatch: `"v${o.version}"` });
  for (const kind of ['webhook', 'mattermost', 'matrix']) {
    const body = JSON.parse((await desk.get(`/api/organisations/${w.MOX}/channels/preview?kind=${kind}&tlp=GREEN`)).body);
    assert.ok(!('evil' in body), kind);
  }
});
