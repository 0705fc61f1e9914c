// Server-sent events: who hears what, resuming, signs of life, revoked sessions, slow readers, many
// streams, an orderly end. Against the API's test server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import http from 'node:http';
import net from 'node:net';
import { as, sleep, startTestServer, stop } from './harness.mjs';

let server;
before(async () => { server = await startTestServer(); });
after(async () => { await stop(server); });

/** Opens a stream; .events grows, .until(n) waits for n of them, .ended resolves at its end. */
function open(name, lastId, to = server) {
  const s = { events: [], lastId: '', text: '', words: [] };
  s.ended = new Promise((resolve) => {
    const headers = { authorization: `Bearer ${name}`, ...(lastId ? { 'last-event-id': lastId } : {}) };
    s.request = http.get({ host: '127.0.0.1', port: to.port, path: '/t/stream', headers, agent: false }, (r) => {
      s.status = r.statusCode;
      s.type = r.headers['content-type'];
      r.setEncoding('utf8');
      r.on('data', (text) => {
        s.text += text;
        for (let cut; (cut = s.text.indexOf('\n\n')) >= 0; s.text = s.text.slice(cut + 2)) take(s, s.text.slice(0, cut));
      });
      r.on('end', resolve);
      r.on('error', resolve);
    });
    s.request.on('error', resolve);
  });
  s.until = async (n, ms = 5000) => {
    for (const began = Date.now(); s.events.length < n && Date.now() - began < ms;) await sleep(5);
    return s.events.length;
  };
  s.ended.then(() => { s.over = true; });
  s.ready = (async () => { while (!s.lastId && !s.over) await sleep(5); })();
  s.close = () => s.request.destroy();
  return s;
}

function take(s, block) {
  const field = (name) => block.split('\n').find((l) => l.startsWith(`${name}: `))?.slice(name.length + 2);
  if (block.startsWith(':')) s.beats = (s.beats ?? 0) + 1;
  if (field('id')) s.lastId = field('id');
  if (field('event')) s.words.push(field('event'));
  else if (field('data')) s.events.push(JSON.parse(field('data')));
}

const write = (name, json) => as(server, name)('/t/items', { method: 'POST', json: { name: 'x', ...json } }).then((r) => r.json());

test('an entry reaches those who see it, and nobody else', async () => {
  const own = open('org1-ann'), same = open('org1-bob'), other = open('org2-eve');
  await Promise.all([own.ready, same.ready, other.ready]);
  assert.equal(own.type, 'text/event-stream');
  const strict = await write('org1-ann', { label: 3 }), red = await write('org1-ann', { label: 4 }), clear = await write('org1-ann', { label: 0 });
  await Promise.all([own.until(3), same.until(2), other.until(1)]);
  await sleep(50);
  assert.deepEqual(own.events.map((e) => e.subject), [strict.id, red.id, clear.id]);
  assert.deepEqual(same.events.map((e) => e.subject), [strict.id, clear.id]);
  assert.deepEqual(other.events.map((e) => e.subject), [clear.id]);
  assert.deepEqual(Object.keys(own.events[0]).sort(), ['at', 'id', 'kind', 'subject', 'type', 'version']);
  for (const s of [own, same, other]) s.close();
});

test('resumes after the last event, without loss or repetition', async () => {
  const first = open('org1-ann');
  await first.ready;
  const a = await write('org1-ann', {});
  await first.until(1);
  first.close();
  const missed = [];
  for (let i = 0; i < 50; i++) missed.push((await write('org1-ann', {})).id);
  const second = open('org1-ann', first.lastId);
  await second.until(50);
  assert.deepEqual(second.events.map((e) => e.subject), missed);
  assert.ok(!second.events.some((e) => e.subject === a.id));
  second.close();
});

test('a place of somebody else, or made up, is refused', async () => {
  const ann = open('org1-ann');
  await ann.ready;
  for (const [name, id] of [['org1-bob', ann.lastId], ['org1-ann', 'AAAA'], ['org1-ann', `${ann.lastId}A`]]) {
    const s = open(name, id);
    await s.ended;
    assert.equal(s.status, 422);
  }
  ann.close();
});

test('a large commit reaches everybody whole and in order', async () => {
  const all = Array.from({ length: 20 }, (_, i) => open(`org1-p${i}`));
  await Promise.all(all.map((s) => s.ready));
  await write('org1-ann', { count: 2000 });
  await Promise.all(all.map((s) => s.until(2000, 15000)));
  for (const s of all) {
    assert.equal(s.events.length, 2000);
    assert.deepEqual(s.events.map((e) => e.id), all[0].events.map((e) => e.id));
    s.close();
  }
});

test('a revoked session is told nothing more', async () => {
  const eve = open('org1-mallory');
  await eve.ready;
  await write('org1-ann', {});
  await eve.until(1);
  await as(server, 'org1-ann')('/t/revoke', { method: 'POST', json: { name: 'org1-mallory' } });
  await write('org1-ann', {});
  await Promise.race([eve.ended, sleep(4000)]);
  assert.deepEqual(eve.words, ['over']);
  assert.equal(eve.events.length, 1);
});

test('a client that does not read costs no memory, and does not hold up others', async () => {
  const stuck = net.connect({ host: '127.0.0.1', port: server.port });
  stuck.on('error', () => {});
  stuck.write('GET /t/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer org1-stuck\r\n\r\n');
  stuck.pause();
  const quick = open('org1-ann');
  await quick.ready;
  for (let i = 0; i < 5; i++) await write('org1-ann', { count: 2000 });
  assert.equal(await quick.until(10000, 20000), 10000);
  quick.close();
  stuck.destroy();
});

test('1,000 streams hear an entry within a second', async () => {
  const all = Array.from({ length: 1000 }, (_, i) => open(`org1-n${i}`));
  await Promise.all(all.map((s) => s.ready));
  const began = Date.now();
  await write('org1-ann', {});
  await Promise.all(all.map((s) => s.until(1)));
  const ms = Date.now() - began;
  assert.ok(all.every((s) => s.events.length === 1));
  assert.ok(ms < 1500, `${ms} ms`);
  for (const s of all) s.close();
});

test('signs of life', { timeout: 25000 }, async () => {
  const s = open('org1-quiet');
  await s.ready;
  await sleep(17500);
  assert.ok(s.beats >= 1);
  s.close();
});

test('a stop tells streams to come again', async () => {
  const other = await startTestServer();
  const s = open('org1-ann', '', other);
  await s.ready;
  await stop(other);
  await s.ended;
  assert.deepEqual(s.words, ['again']);
});
