// What people write is data: never SQL, a command, a template, an object, an address to jump to, a path.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { kindOf, routes, sheet } from '../matrix/expect.mjs';
import { raw, send, sleep } from '../api/harness.mjs';
import { openapi } from '../api/schema.mjs';
import { poll } from '../api/site.mjs';
import { mailConf, startMailbox } from '../api/smtp.mjs';
import { day } from '../api/world.mjs';
import { ABSENT, ground, unchanged } from './ground.mjs';

let site, desk, w, box, mark;
before(async () => {
  box = await startMailbox();
  mark = mkdtempSync(path.join(tmpdir(), 'minar-mark-'));
  ({ site, desk, w } = await ground({ conf: { mail: mailConf(box), outbox: { hold_s: 0 } } }));
});
after(async () => {
  await site?.close();
  await box?.stop();
  rmSync(mark, { recursive: true, force: true });
});

/** A server that is asked so often asks for patience. */
async function patient(fn) {
  for (;;) {
    const a = await fn();
    if (a.status !== 429) return a;
    await sleep(150);
  }
}

const SQL = ["'", '"', "';--", "' OR '1'='1", "1' OR 1=1--", '1; DROP TABLE organisation', "'; DROP TABLE organisation;--", "' UNION SELECT token_hash FROM session--", '1 OR 1=1', "\\' OR 1=1--", '%27%20OR%201%3D1', "'||(SELECT hash FROM password)||'", "'/**/OR/**/1=1", '$$;SELECT pg_sleep(5);$$', "' AND pg_sleep(5)--", "'; SELECT pg_sleep(5);--", "x' AND randomblob(500000000) AND '1'='1", '(SELECT 1 FROM pg_sleep(5))', '1e999', '-1', '0x27', '9223372036854775808', '%', '_', '%%%', '*', '[a-z]', 'ORDER BY 1', 'id,(SELECT 1)', 'name_fold;--', '{see o}', '$v_org', ':org', '?1', '{? q: x}', '\u02bc OR 1=1', '\uff07 OR 1=1', "\u0000'", 'NULL', 'null', 'true', "E'\\x27'", '`id`', '"organisation"', "' COLLATE nocase--", 'a'.repeat(300)];
const QUERIES = routes.filter((r) => r.method === 'GET' && r.query);

test('CVE-2022-48329 order, filter and search are values and never SQL', async () => {
  const org = (await desk.get('/api/session')).org.id, searchers = [];
  for (let n = 0; n < 6; n++) searchers.push(await site.person(org, `searcher${n}@cert.example`, { roles: ['analyst'], contact_role: 'none' })); // a person searches 20 times a second
  let turn = 0;
  const whoAsks = (route) => (route.rate === 'search' ? searchers[turn++ % searchers.length] : desk);
  await unchanged(site, async () => {
    for (const route of QUERIES) {
      const filters = (openapi.paths[route.path].get.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name);
      assert.ok(filters.length > 0, route.id);
      const kind = kindOf(sheet[route.id]) ?? 'notice', target = route.path.replace('{id}', route.path.startsWith('/api/feeds') ? 'shadowserver' : w.own[kind] ?? ABSENT);
      for (const field of [...filters, 'order', 'sort', 'fields', 'group']) for (const value of SQL) {
        let began;
        const a = await patient(() => {
          began = Date.now();
          return whoAsks(route).call('GET', `${target}?${field}=${encodeURIComponent(value)}`);
        });
        assert.ok([200, 400, 404, 422, ...(route.id.endsWith('_audience_preview') ? [403] : [])].includes(a.status), `${route.id} ${field}=${value}: ${a.status}`); // 403: another's
        assert.ok(Date.now() - began < 3000, `${route.id} ${field}=${value} took ${Date.now() - began} ms`);
        assert.ok(!/sqlite|syntax error|postgres|SELECT .* FROM|unrecognized token/i.test(a.status === 200 ? '' : a.text.replaceAll(JSON.stringify(value).slice(1, -1), '')), a.text);
        if (['order', 'sort', 'fields', 'group'].includes(field)) assert.ok([400, 422].includes(a.status), `${field}=${value}: ${a.status}`);
        if (a.status === 200 && field === 'sector') assert.equal(a.json.items.length, 0, `${route.id} ${field}=${value}`);
      }
    }
  });
});

const COMMANDS = (file) => [`$(touch ${file})`, `\`touch ${file}\``, `;touch ${file};`, `|touch ${file}`, `a\ntouch ${file}\n`, `--checkpoint-action=exec=touch ${file}`, '-rf', `&touch ${file}&`, `';touch ${file};'`, `";touch ${file};"`];

test('CVE-2018-19908 a file\'s name and a field are no command; no process of the server may start one', async () => {
  const file = path.join(mark, 'made');
  for (const [i, name] of COMMANDS(file).entries()) {
    await desk.call('POST', `/api/feeds/shadowserver/files?wait=true&name=${encodeURIComponent(name)}`, { body: `timestamp,ip\n2026-01-01 00:00:00,192.0.2.${i}\n` });
    await desk.call('POST', `/api/imports/organisations?name=${encodeURIComponent(name)}`, { body: `Code,Name,Type\nCMD${i},"${name.replaceAll('"', '""')}",bank\n` });
    await desk.call('POST', '/api/feeds', { json: { key: name, format: 'csv', provider: name, url: `https://${name}/` } });
    await desk.call('POST', '/api/indicators', { json: { value: `cmd${i}.example`, why: name, source: name } });
    await desk.call('POST', '/api/realms', { json: { name, kind: 'demo' } });
  }
  await sleep(300);
  assert.ok(!existsSync(file), 'a command ran');
  const server = site.server.child.pid, children = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => {
    try {
      return Number(readFileSync(`/proc/${p}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === server;
    } catch { return false; }
  });
  assert.ok(children.length >= 2, 'a server and a courier');
  for (const p of children) {
    const status = readFileSync(`/proc/${p}/status`, 'utf8');
    assert.match(status, /^Seccomp:\s+2$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
  }
});

const TEMPLATES = ['{{7*7}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '{%print(7*7)%}', '{1}', '{2} {3}', '%s%n%x', '%1$s', '\\{1\\}', '{{constructor.constructor("return 1")()}}', '[[7*7]]', '@(7*7)', '{php}echo 7*7;{/php}', '{0.__class__}', '__import__("os")', '$where', '{"$gt":""}'];

test('CVE-2024-25624 what stands in a name or a text is not carried out in a notice, a mail or a page', async () => {
  const name = TEMPLATES.slice(0, 12).join(' '), org = await site.org('TPL', { name_en: name });
  await desk.post(`/api/organisations/${org.id}/networks`, { value: '198.18.128.0/24' });
  const invited = await desk.post('/api/people', { name, mail: 'tpl@tpl.example', org: org.id, contact_role: 'focal', lang: 'en' });
  const page = await site.open(invited.link), plain = page.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  assert.ok(plain.includes(name), page.text);
  assert.ok(!page.text.includes('<%'), 'escaped');
  await site.enter(invited.link, { password: 'a long one for tpl', again: 'a long one for tpl' });
  await w.give([['198.18.128.1', 8443, 'high', { hostname: 'h.example', tag: '{{7*7}}{1}%s' }]]);
  const n = await w.notice(org.id), m = await poll('its mail', () => box.to('tpl@tpl.example').find((x) => x.subject.includes(n.number)), 30000);
  assert.ok(!/\b49\b/.test(m.text + m.subject) && !m.text.includes('undefined'), m.text);
  const full = await desk.get(`/api/notices/${n.id}`);
  assert.ok(!/\b49\b/.test(full.subject.en + full.body.en));
});

test('CVE-2022-40238 nothing but JSON is read as an object, and an object is no more than its fields', () => unchanged(site, async () => {
  const bodies = ['cos\nsystem\n(S"id"\ntR.', 'O:8:"stdClass":0:{}', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', '!!python/object/apply:os.system ["id"]', 'rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcA==', '\x80\x04\x95', 'key=EVIL&name_en=x&kind=bank', '[1,2]', '"a"', '7', 'null', '{"__proto__":{"admin":true},"key":"E","name_en":"x","kind":"bank"}', '{"constructor":{"prototype":{}},"key":"E","name_en":"x","kind":"bank"}', '{"key":{"$ne":1},"name_en":"x","kind":"bank"}', '{"key":["E"],"name_en":"x","kind":"bank"}', '{"key":"E","name_en":1,"kind":"bank"}', '{"key":"E","name_en":"x","kind":"bank","community":"true"}', `{"key":"E","name_en":"x","kind":"bank","a":${'['.repeat(5000)}`, `{"key":"E","name_en":"x","kind":"bank"${',"key":"E"'.repeat(9)}}`, '{"key":"E","name_en":"\\ud800","kind":"bank"}', '{"key":NaN}', "{'key':'E'}", '{"key":"E",}', '/**/{"key":"E"}'];
  for (const type of ['application/json', 'application/xml', 'text/xml', 'application/x-python-pickle', 'application/x-java-serialized-object', 'application/x-yaml', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'text/plain', 'application/json; charset=utf-7', '']) {
    for (const body of bodies) {
      const a = await desk.call('POST', '/api/organisations', { body, headers: type ? { 'content-type': type } : { 'content-type': 'x' } });
      assert.ok([400, 413, 415, 422].includes(a.status), `${type} ${body.slice(0, 40)}: ${a.status} ${a.text}`);
    }
  }
  for (const declaration of ['!!python/object/apply:os.system ["id"]', 'a: &a [*a]', `a: &a [1]\nb: &b [${'*a,'.repeat(50)}*a]`, '!<tag:yaml.org,2002:js/function> "x"', '<<: {a: 1}', `${'{a: '.repeat(3000)}`]) {
    const a = await desk.call('POST', '/api/feeds', { json: { key: 'yaml', format: 'csv', declaration } });
    assert.equal(a.status, 422, `${declaration.slice(0, 40)}: ${a.status} ${a.text}`);
  }
}));

test('CVE-2020-28043 an address that somebody names is not connected to inside', async () => {
  const asked = [], inside = http.createServer((q, r) => { asked.push(q.url); r.end('ip\n192.0.2.1\n'); });
  await new Promise((resolve) => { inside.listen(0, '127.0.0.1', resolve); });
  const { port } = inside.address();
  const hosts = ['127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.1.nip.io', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '0', '0.0.0.0', '[::]', '127.0.0.1.', 'localhost.', '①②⑦.⓪.⓪.①', '169.254.169.254', '10.0.0.1', 'metadata.google.internal', 'user@127.0.0.1', 'evil.example#@127.0.0.1', '127.0.0.1\\@evil.example'];
  const urls = [...hosts.map((h) => `http://${h}:${port}/a.csv`), `file:///etc/passwd`, `gopher://127.0.0.1:${port}/x`, `dict://127.0.0.1:${port}/x`, `ftp://127.0.0.1:${port}/x`, `unix:/tmp/x`, `//127.0.0.1:${port}/`, `HTTP://127.0.0.1:${port}/b`, `http:127.0.0.1:${port}`, `jar:http://127.0.0.1:${port}!/`, `http://127.0.0.1:${port}\r\nHost: x/`];
  for (const [i, url] of urls.entries()) {
    const a = await desk.call('POST', '/api/feeds', { json: { key: `ssrf-${i}`, format: 'csv', url, every_s: 60 } });
    assert.ok([201, 422].includes(a.status), `${url}: ${a.status} ${a.text}`);
    if (!/^https?:\/\//i.test(url)) assert.equal(a.status, 422, url);
  }
  await sleep(6000); // the schedule looks every two seconds
  inside.closeAllConnections();
  await new Promise((resolve) => { inside.close(resolve); });
  assert.deepEqual(asked, []);
  for (const f of (await desk.get('/api/feeds')).items.filter((x) => x.key.startsWith('ssrf'))) await desk.ok('PATCH', `/api/feeds/${f.id}`, { json: { state: 'paused' } });
});

test('CVE-2026-10856 no address makes an answer that sends elsewhere', async () => {
  const paths = ['//evil.example', '/\\evil.example', '/%5cevil.example', '/%2f%2fevil.example', '///evil.example/%2e%2e', '/l/x?next=//evil.example', '/l/live.x?next=https://evil.example', '/?redirect=https://evil.example', '/login?return_to=//evil.example', '/https://evil.example', '/.evil.example', '/@evil.example', '/api/session?next=//evil.example', '/%0d%0aLocation:%20https://evil.example', '/x%0d%0aSet-Cookie:a=b', '/api/organisations/%0d%0aX-Evil:1'];
  for (const target of paths) for (const host of ['127.0.0.1', 'evil.example']) for (const method of ['GET', 'HEAD', 'POST']) {
    const r = await raw(site.server, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nAccept: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`, { wait: 1500 });
    const head = r.text.split('\r\n\r\n')[0];
    assert.ok(!/^(location|refresh|set-cookie|x-evil):/im.test(head), `${method} ${target}: ${head}`);
    assert.ok(!head.includes('evil.example'), head);
  }
  const { link } = await desk.ok('POST', '/api/session/link');
  const pressed = await send(site.server, 'POST', `${new URL(link).pathname}?next=https://evil.example`, { body: 'next=//evil.example', headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': 19, host: 'evil.example' } });
  if (pressed.status === 303) assert.equal(pressed.headers.location, '/');
  else assert.ok([403, 404, 422].includes(pressed.status), pressed.text);
});

test('CVE-2021-21439 a line break starts no header in a mail, and no text costs time', async () => {
  const evil = 'Name\r\nBcc: victim@evil.example\r\nSubject: taken\r\n\r\nbody';
  const mails = ['a@b.example\r\nBcc: victim@evil.example', 'a@b.example,victim@evil.example', 'a@b.example>\r\nRCPT TO:<victim@evil.example', '"a\r\n b"@b.example', 'a@b.example victim@evil.example', '<a@b.example>', 'a@b.example;v@evil.example', 'a@b.example%0aBcc:v@evil.example'];
  for (const mail of mails) {
    const a = await desk.call('POST', '/api/people', { json: { name: 'x', mail, org: w.MOX, contact_role: 'none' } });
    assert.ok([201, 422].includes(a.status), `${mail}: ${a.status}`);
  }
  const org = await site.org('HDR', { name_en: 'Body: x, <victim@evil.example>' });
  const a = await desk.call('POST', '/api/people', { json: { name: evil, mail: 'header@hdr.example', org: org.id, contact_role: 'focal', lang: 'en' } });
  assert.deepEqual([a.status, a.json.pointer, a.json.code], [422, '/name', 'error.api.one_line']);
  const csv = await desk.file('/api/imports/organisations?name=x.csv', `Code,Name,Type,Contact,Mail\nCSVH,Body,bank,"${evil.replaceAll('"', '')}",csv@hdr.example\n`);
  assert.deepEqual([csv.rows_done, csv.rows_bad], [0, 1], JSON.stringify(csv));
  const { link } = await desk.post('/api/people', { name: 'Subject: taken, "Bcc": <victim@evil.example>', mail: 'header@hdr.example', org: org.id, contact_role: 'focal', lang: 'en' });
  const m = await poll('the invitation', () => box.to('header@hdr.example')[0], 20000);
  assert.ok(link && m.defects.length === 0 && !m.subject.startsWith('taken'), JSON.stringify(m));
  assert.deepEqual(m.to, ['header@hdr.example']);
  await sleep(500);
  assert.deepEqual(box.to('victim@evil.example'), []);
  assert.deepEqual(box.to('v@evil.example'), []);
  for (const q of ['a'.repeat(500), '.'.repeat(500), '1.'.repeat(250), '('.repeat(500), `${'a@'.repeat(249)}a`, `http://${'a/'.repeat(240)}`, '%'.repeat(500), `${'xn--'.repeat(120)}`, ':'.repeat(500), '::ffff:'.repeat(70)]) {
    const began = Date.now();
    assert.ok([200, 422].includes((await desk.call('GET', `/api/lookup?q=${encodeURIComponent(q)}`)).status), q.slice(0, 20));
    assert.ok([200, 422].includes((await desk.call('POST', '/api/lookup', { json: { text: `${q}\n198.18.4.10 ${q}` } })).status), q.slice(0, 20));
    assert.ok([200, 422].includes((await desk.call('GET', `/api/search?counts=true&typing=true&q=${encodeURIComponent(q)}`)).status), q.slice(0, 20));
    assert.ok(Date.now() - began < 1500, `${q.slice(0, 20)} took ${Date.now() - began} ms`);
  }
  for (const q of ['" OR "', "' | 'x", 'a NOT b', 'words:x', '{words} : x', 'NEAR(a b, 2)', '^a', 'a*', '"', "'':*", '=o1', '=a8', '=l0', '#rmnstr', '\\', 'a\0b', '%', '_']) {
    const a = await desk.call('GET', `/api/search?q=${encodeURIComponent(q)}`);
    assert.ok([200, 400, 422].includes(a.status), `${q}: ${a.status} ${a.text}`);
    if (/^[=#]/.test(q)) assert.deepEqual(a.json.items, [], `${q}: the index's own marks are not words`);
  }
});

test('ASVS-5.2.3 bombs: deep, wide, packed or endless input costs little and leaves nothing', async () => {
  const heavy = [
    ['application/json', '['.repeat(200000)], ['application/json', `{${Array.from({ length: 60000 }, (_, i) => `"k${i}":1`).join(',')}}`], ['application/json', `{"key":"${'x'.repeat(900000)}"}`], ['application/json', `"${'\\u0000'.repeat(100000)}"`], ['application/json', `1${'0'.repeat(500000)}`],
  ];
  for (const [type, body] of heavy) {
    const began = Date.now(), a = await desk.call('POST', '/api/organisations', { body, headers: { 'content-type': type } }).catch((e) => ({ status: 'cut', e }));
    assert.ok([400, 413, 422, 'cut'].includes(a.status), `${body.slice(0, 20)}: ${a.status}`);
    assert.ok(Date.now() - began < 3000);
  }
  const packed = gzipSync(Buffer.alloc(64 << 20, 'a,b\n')), events = (await desk.get('/api/events/summary')).count;
  const bomb = await desk.call('POST', `/api/feeds/shadowserver/files?wait=true&name=${day()}-scan_widget-bomb.csv.gz`, { body: packed });
  assert.ok(bomb.status === 422 || bomb.json.rows_done === 0 || bomb.json.state === 'failed', bomb.text.slice(0, 300));
  const squeezed = await desk.call('POST', '/api/organisations', { body: gzipSync('{"key":"GZ","name_en":"x","kind":"bank"}'), headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } });
  assert.ok([400, 415, 422].includes(squeezed.status), squeezed.text);
  for (const body of [`ip\n${'"'.repeat(500000)}`, `${','.repeat(200000)}\n${','.repeat(200000)}\n`, `ip\n"${'a'.repeat(3 << 20)}"\n`, Buffer.from('504b0304140000000800', 'hex')]) {
    const began = Date.now();
    const a = await desk.call('POST', `/api/feeds/shadowserver/files?wait=true&name=${day()}-scan_widget-${body.length}.csv`, { body });
    assert.ok(a.status === 422 || a.json.rows_done === 0 || a.json.state !== 'running', a.text.slice(0, 300));
    assert.ok(Date.now() - began < 15000);
  }
  assert.equal((await desk.get('/api/events/summary')).count, events);
});

const PATHS = ['../../../../etc/passwd', '..%2f..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e/etc/passwd', '....//....//etc/passwd', '/etc/passwd', 'file:///etc/passwd', '..\\..\\etc\\passwd', '%c0%ae%c0%ae/etc/passwd', '../realm/live/records.db', '../keys/master.key', '.%00./keys/master.key', 'minar.yaml', '../minar.yaml', '/proc/self/environ', '//etc/passwd', 'assets/../../minar.yaml'];

test('CVE-2023-28330 no name or address reads or writes a file of its choice', async () => {
  const stand = (dir) => readdirSync(dir, { recursive: true }).filter((f) => !/spool|history|records|journal|-wal|-shm|drop/.test(f) && !statSync(path.join(dir, f)).isSocket()).sort();
  const before = stand(site.dir), secret = readFileSync(path.join(site.dir, 'minar.yaml'), 'utf8');
  for (const p of PATHS) {
    for (const target of [`/${p}`, `/assets/${p}`, `/api/${p}`, `/api/feeds/${p}`, `/api/feeds/${encodeURIComponent(p)}`, `/api/imports/${encodeURIComponent(p)}`, `/l/${encodeURIComponent(p)}`, `/api/realms/${encodeURIComponent(p)}`]) {
      const r = await raw(site.server, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, { wait: 1500 });
      assert.ok(!r.text.includes('root:x:') && !r.text.includes(secret.slice(0, 30)), target);
      assert.ok(r.status === undefined || r.status >= 400, `${target}: ${r.status}`);
    }
    for (const target of [`/api/feeds/shadowserver/files?wait=true&name=${encodeURIComponent(p)}`, `/api/imports/organisations?name=${encodeURIComponent(p)}`, `/api/imports/indicators?name=${encodeURIComponent(p)}`]) await desk.call('POST', target, { body: `note\n${p}\n` });
    const realm = await patient(() => desk.call('POST', '/api/realms', { json: { name: p.slice(0, 32), kind: 'demo' } }));
    assert.equal(realm.status, 422, `${p}: ${realm.text}`);
    const gone = await patient(() => desk.call('DELETE', `/api/realms/${encodeURIComponent(p)}`));
    assert.ok([400, 404].includes(gone.status), `${p}: ${gone.status}`);
    const feed = await patient(() => desk.call('POST', '/api/feeds', { json: { key: p, format: 'csv' } }));
    assert.equal(feed.status, 422, `${p}: ${feed.text}`);
  }
  assert.deepEqual(stand(site.dir), before);
  assert.equal((await desk.call('GET', `/api/feeds/${ABSENT}`)).status, 404);
});
