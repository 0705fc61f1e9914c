// What whoever runs the machine has: readiness while the store is brought forward and without it, figures
// without names, the log as JSON and as RFC 5424, a proxy's word and a forger's, and minar doctor.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MINAR, ON_PG, send } from './harness.mjs';
import { startPostgres } from './pg.mjs';
import { Site, freePort, poll, run } from './site.mjs';

const PROXY = '127.0.0.9';
let site, syslog, heard = [];

before(async () => {
  syslog = dgram.createSocket('udp4').on('message', (m) => heard.push(m.toString('utf8')));
  await new Promise((resolve) => syslog.bind(0, '127.0.0.1', resolve));
  site = await Site.open({ conf: { log: { format: 'json', level: 'debug', syslog: `udp://127.0.0.1:${syslog.address().port}` }, http: { proxies: `${PROXY} 10.99.0.0/16` } } });
});
after(async () => {
  await site?.close();
  syslog.close();
});

const lines = () => site.server.log.split('\n').filter(Boolean);

// ---- readiness ----

test('up and ready are public and say nothing but that', async () => {
  const up = await site.anyone().get('/healthz');
  await poll('the pipeline knows the registry', async () => (await site.anyone().call('GET', '/readyz')).status === 200);
  const ready = await site.anyone().get('/readyz');
  assert.equal(up.state, 'ready');
  assert.deepEqual(ready, { state: 'ready', parts: ['store', 'keys', 'pipeline', 'disk'] });
});

/** Holds what a start must write to first; gives how to let it go. */
async function holdStore(dir, database) {
  const [command, args] = ON_PG
    ? ['psql', [database.url, '-qAt', '-c', "SELECT pg_advisory_lock(hashtext('minar'), hashtext('minar_live'))", '-c', "SELECT 'held'", '-c', 'SELECT pg_sleep(60)']]
    : ['python3', ['-c', `import sqlite3, sys\nc = sqlite3.connect(${JSON.stringify(path.join(dir, 'realm/live/records.db'))}, isolation_level=None)\nc.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\nsys.stdin.read()`]];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (d) => { said += d; });
  await poll('the store is held', () => said.includes('held'));
  return () => {
    if (child.killed) return;
    child.kill('SIGKILL');
    if (ON_PG) database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid() AND datname = current_database()");
  };
}

test('while the store is brought forward the server is up, and not ready', async () => {
  const other = await Site.open({ serve: false });
  const release = await holdStore(other.dir, other.database);
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', MINAR, 'serve', '--data', other.dir], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.on('exit', resolve); });
  try {
    const ask = (target) => send({ port: other.port }, 'GET', target).catch(() => null);
    const up = await poll('it listens', () => ask('/healthz'));
    assert.deepEqual([up.status, up.json().state], [200, 'starting']);
    for (const target of ['/readyz', '/api/session', '/']) {
      const a = await ask(target);
      assert.deepEqual([a.status, a.headers['retry-after']], [503, '2'], target);
    }
    assert.equal((await send({ port: other.port }, 'POST', '/api/session', { headers: { 'content-type': 'application/json', 'content-length': 2 }, body: '{}' })).status, 503);
    release();
    await poll('it is ready', async () => (await ask('/readyz'))?.status === 200);
    assert.equal((await ask('/healthz')).json().state, 'ready');
  } finally {
    release();
    child.kill('SIGTERM');
    await ended;
    await other.close();
  }
});

test('without its PostgreSQL a server is not ready, and is again when that is back', { skip: !ON_PG }, async () => {
  const kept = process.env.MINAR_PG_DIR;
  delete process.env.MINAR_PG_DIR;
  const own = await startPostgres();
  if (kept) process.env.MINAR_PG_DIR = kept;
  const database = own.database(), beside = own.database();
  const other = await Site.open({ founded: false, serve: false });
  other.configure({ store: { url: database.url } });
  await other.found();
  await other.start();
  try {
    const status = () => send(other.server, 'GET', '/readyz').then((a) => a.status, () => 0);
    await poll('it is ready', async () => await status() === 200);
    beside.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.name}'`);
    await poll('it is not ready', async () => await status() >= 500);
    const doctor = await other.cli(['doctor', '--json']);
    assert.equal(doctor.code, 1, doctor.out);
    assert.equal(doctor.json.checks.find((c) => c.name === 'server').state, 'bad');
    beside.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS true`);
    await poll('it is ready again', async () => await status() === 200, 45000);
  } finally {
    await other.stop().catch(() => {});
    await other.close();
    await own.stop();
  }
});

// ---- figures ----

/** The samples of a text in format 0.0.4, which is held to its rules on the way. */
function samples(text) {
  const out = new Map(), types = new Map(), told = new Set();
  assert.ok(text.endsWith('\n'));
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (head) {
      assert.ok(!told.has(head[1] + head[2]), `told twice: ${line}`);
      told.add(head[1] + head[2]);
      if (head[1] === 'TYPE') types.set(head[2], head[3]);
      continue;
    }
    const m = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?[\d.]+(?:e[+-]?\d+)?|\+Inf|NaN)$/.exec(line);
    assert.ok(m, line);
    const base = types.has(m[1]) ? m[1] : m[1].replace(/_(bucket|sum|count)$/, '');
    assert.ok(types.has(base) && told.has(`HELP${base}`), `no type or help: ${line}`);
    assert.ok(types.get(base) !== 'counter' || m[1].endsWith('_total'), line);
    assert.ok(!out.has(m[1] + (m[2] ?? '')), `twice: ${line}`);
    out.set(m[1] + (m[2] ?? ''), Number(m[3].replace('+Inf', 'Infinity')));
  }
  return out;
}

test('figures are for who may read them: a key limited to that does, others hear what nobody hears', async () => {
  const desk = await site.desk.call('GET', '/metrics');
  assert.equal(desk.status, 200);
  assert.equal(desk.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const key = async (scope) => site.client({ key: (await site.desk.post('/api/keys', { name: scope, access: 'read', scope })).secret });
  assert.equal((await (await key('metrics.read')).call('GET', '/metrics')).status, 200);
  assert.equal((await (await key('metrics.read')).call('GET', '/api/feeds')).status, 403);
  assert.equal((await (await key('feed.read')).call('GET', '/metrics')).status, 403);
  assert.equal((await site.anyone().call('GET', '/metrics')).status, 401, 'loopback is no right: a proxy makes everybody loopback');
  const org = await site.org('QXJ'), it = await site.person(org.id, 'it@qxj.example', { roles: ['org_admin'] });
  assert.equal((await it.call('GET', '/metrics')).status, 403);
});

test('figures are well formed, move with what happens, and hold no name', async () => {
  const read = async () => (await site.desk.call('GET', '/metrics')).text;
  const before = samples(await read());
  await site.org('ZBRA', { name_en: 'Zebra Authority' });
  await site.desk.post('/api/feeds', { key: 'zebra-feed', format: 'csv', declaration: 'name: zebra-feed\nformat: csv\n' });
  await site.anyone().call('GET', '/api/session');
  const text = await read(), now = samples(text);
  for (const secret of [/zebra/i, /ZBRA/, /qxj/i, /CERT/, /cert\.example/, /@/, /[0-9a-f]{8}-[0-9a-f]{4}/]) assert.doesNotMatch(text, secret);
  assert.ok(now.get('minar_ledger_entries') > before.get('minar_ledger_entries'));
  assert.equal(now.get('minar_feeds{state="new"}'), before.get('minar_feeds{state="new"}') + 1);
  assert.ok(now.get('minar_http_answers_total{class="4xx"}') > before.get('minar_http_answers_total{class="4xx"}'));
  const steps = [...now].filter(([k]) => k.startsWith('minar_http_answer_seconds_bucket')).map(([, v]) => v);
  assert.deepEqual(steps, [...steps].sort((a, b) => a - b));
  assert.equal(steps.at(-1), now.get('minar_http_answer_seconds_count'));
  assert.equal([...now.keys()].filter((k) => k.startsWith('minar_info{')).length, 1);
  assert.match(text, new RegExp(`store="${ON_PG ? 'postgresql' : 'sqlite'}"`));
});

// ---- the log ----

test('each line is JSON, and each process says the same to the syslog', async () => {
  const told = lines().map((l) => JSON.parse(l));
  assert.ok(told.every((t) => t.time && t.level && t.process && t.what));
  await poll('all four are heard', () => ['supervisor', 'keys', 'courier', 'server'].every((p) => heard.some((m) => m.includes(`"process":"${p}"`))));
  for (const m of heard) {
    const parts = /^<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([\x21-\x7e]{1,255}) minar (\d+) ([\x21-\x7e]{1,32}) - (.*)$/su.exec(m);
    assert.ok(parts, m);
    assert.equal(Math.floor(Number(parts[1]) / 8), 3, 'a daemon');
    const said = JSON.parse(parts[6]);
    assert.equal(said.what, parts[5]);
    assert.equal(Number(parts[1]) % 8, { error: 3, warn: 4, info: 6, debug: 7 }[said.level]);
  }
});

test('a request has one number, through the log; no path of it is told', async () => {
  const from = lines().length;
  await site.anyone().call('GET', '/l/live.secretsecretsecretsecretsecretsecretsecret');
  await site.desk.post('/api/organisations', { key: 'NUM', name_en: 'Numbers', kind: 'ministry' });
  await poll('they are told', () => lines().slice(from).filter((l) => l.includes('api.answer')).length >= 2);
  const told = lines().slice(from).map((l) => JSON.parse(l)).filter((t) => t.what === 'api.answer');
  assert.equal(new Set(told.map((t) => t.request)).size, told.length);
  assert.ok(told.some((t) => t.route === 'organisation_create' && t.status === 201 && t.took_us > 0));
  assert.ok(told.some((t) => t.route === 'link_open'));
  assert.doesNotMatch(site.server.log, /secretsecret/);
});

// ---- a proxy in front ----

const asked = (headers, from) => send(site.server, 'GET', '/healthz', { headers, from });

test('a trusted proxy hands on the number of a request; a forger has none', async () => {
  const mine = await asked({ 'x-request-id': 'edge-4711.a_b' }, PROXY);
  assert.equal(mine.headers['x-request-id'], 'edge-4711.a_b');
  await poll('it is in the log', () => site.server.log.includes('"request":"edge-4711.a_b"'));
  for (const [id, from] of [['forged-1', '127.0.0.1'], ['a b', PROXY], ['x'.repeat(65), PROXY], ['q"}', PROXY]]) {
    assert.equal((await asked({ 'x-request-id': id }, from)).headers['x-request-id'], undefined, id);
    assert.ok(!site.server.log.includes(id));
  }
});

test('by a trusted proxy visitors count each for themselves; whoever forges counts as himself', async () => {
  let names = 100;
  const signIn = (forwarded, from) => {
    const body = JSON.stringify({ mail: `n${names++}@x.example`, password: 'a b c d' });   // each another: an account has a brake of its own
    return send(site.server, 'POST', '/api/session', { headers: { 'content-type': 'application/json', 'content-length': body.length, ...(forwarded ? { 'x-forwarded-for': forwarded } : {}) }, body, from });
  };
  const spend = async (forwarded, from) => {
    for (let i = 0; i < 40; i++) if ((await signIn(typeof forwarded === 'function' ? forwarded(i) : forwarded, from)).status === 429) return i;
    return -1;
  };
  assert.ok(await spend('198.51.100.1', PROXY) > 0);
  assert.equal((await signIn('198.51.100.2', PROXY)).status, 401, 'another visitor has his own share');
  assert.equal((await signIn('198.51.100.1, 10.99.3.4', PROXY)).status, 429, 'through a chain of ours he is the same');
  assert.equal((await signIn('203.0.113.7, 198.51.100.1', PROXY)).status, 429, 'what he wrote before it does not count');
  assert.ok(await spend((i) => `198.51.100.${100 + i}`, '127.0.0.3') > 0, 'a forger is counted by his own address');
  assert.ok(await spend((i) => `nonsense${i}`, PROXY) > 0, 'a word that is no address counts as the proxy');
});

test('https at a trusted proxy is https; from others the word is nothing', async () => {
  const who = await site.enter(await site.desk.post('/api/session/link').then((r) => r.link));
  const change = (proto, origin, from) => send(site.server, 'PATCH', '/api/session', { headers: { cookie: who.cookie, host: 'minar.example', origin, 'content-type': 'application/json', 'content-length': 13, ...(proto ? { 'x-forwarded-proto': proto } : {}) }, body: '{"lang":"en"}', from });
  assert.ok((await change('https', 'https://minar.example', PROXY)).status < 300);
  assert.equal((await change('https', 'http://minar.example', PROXY)).status, 403, 'a page without TLS is not this site there');
  assert.ok((await change('https', 'http://minar.example', '127.0.0.1')).status < 300, 'told by nobody whom we trust');
});

test('proxies are networks, or the start says which is not', async () => {
  const other = await Site.open({ founded: false, serve: false });
  other.configure({ http: { proxies: '127.0.0.1 nonsense' } });
  const r = await other.cli(['init']);
  assert.equal(r.code, 3, r.err);
  assert.match(r.err, /nonsense/);
  await other.close();
});

// ---- minar doctor ----

const check = (r, name) => r.json.checks.find((c) => c.name === name);

test('doctor: alone and beside a server, in two languages, a line a check', async () => {
  const served = await site.cli(['doctor', '--json']);
  assert.equal(served.code, 0, served.out + served.err);
  for (const name of ['folder', 'settings', 'disk', 'inodes', 'memory', 'clock', 'zones', 'kernel', 'limits', 'tls', 'server', 'ledger', 'feeds', 'mail', 'backup']) assert.ok(check(served, name)?.words, name);
  assert.deepEqual([check(served, 'server').state, check(served, 'ledger').state, check(served, 'folder').state], ['ok', 'ok', 'ok']);
  for (const c of served.json.checks) if (['warn', 'bad'].includes(c.state)) assert.ok(c.fix?.length > 10, JSON.stringify(c));
  const text = await site.cli(['doctor']);
  assert.equal(text.out.trim().split('\n').length, served.json.checks.length);
  assert.match(text.out, /^ok {4}folder /);
  assert.match((await site.cli(['doctor', '--ui-lang', 'ur'])).out, /کوئی میل ریلے مقرر نہیں/);
  await site.stop();
  const alone = await site.cli(['doctor', '--json']);
  assert.equal(alone.code, 0, alone.out + alone.err);
  assert.deepEqual(['server', 'store', 'keys', 'ledger'].map((n) => check(alone, n).state), ['warn', 'ok', 'ok', 'ok']);
  await site.start();
});

test('doctor: what is wrong is bad, with its fix, and ends with 1', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'minar-doctor-')), other = await Site.open({ serve: false });
  const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const makeCert = (name, days, host) => openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', String(days), '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`);
  const bad = async (name, conf) => {
    other.configure(conf);
    const r = await other.cli(['doctor', '--json']);
    assert.equal(r.code, check(r, name).state === 'bad' ? 1 : 0, r.out);
    return check(r, name);
  };
  try {
    chmodSync(other.dir, 0o755);
    assert.deepEqual([(await bad('folder', {})).state, (await bad('folder', {})).fix.includes('chmod 700')], ['bad', true]);
    chmodSync(other.dir, 0o700);
    const tls = async (name, url, more = {}) => (await bad('tls', { public_url: url, tls: { cert_file: path.join(dir, `${name}.pem`), key_file: path.join(dir, `${name}.key`) }, ...more })).state;
    makeCert('good', 90, 'minar.example');
    makeCert('soon', 20, 'minar.example');
    makeCert('now', 3, 'minar.example');
    assert.deepEqual([await tls('good', 'https://minar.example'), await tls('soon', 'https://minar.example'), await tls('now', 'https://minar.example:8420/'), await tls('good', 'https://other.example'), await tls('none', 'https://minar.example')], ['ok', 'warn', 'bad', 'bad', 'bad']);
    other.configure({ tls: { cert_file: '', key_file: '' } });
    assert.equal((await bad('tls', { listen: '127.0.0.1:8420', public_url: 'https://minar.example' })).state, 'warn', 'a proxy that is not named');
    assert.equal((await bad('tls', { http: { proxies: '127.0.0.1' } })).state, 'ok');
    assert.equal((await bad('tls', { listen: '0.0.0.0:8420', http: { proxies: '' } })).state, 'bad');
    const relay = net.createServer((s) => s.on('error', () => {}).end('220 relay.example\r\n'));
    await new Promise((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const mail = (port) => bad('mail', { listen: '127.0.0.1:8420', mail: { smtp_url: `smtp://127.0.0.1:${port}`, from: 'cert@cert.example' } });
    assert.equal((await mail(relay.address().port)).state, 'ok');
    relay.close();
    assert.match((await mail(await freePort())).words, /refused/i);
    writeFileSync(path.join(other.dir, 'minar.yaml'), 'listen: nonsense\n');
    const broken = await other.cli(['doctor', '--json']);
    assert.equal(check(broken, 'settings').state, 'bad');
    assert.equal(broken.code, 1);
  } finally {
    rmSync(dir, { recursive: true, force: true });
    other.configure({});
    await other.close();
  }
});

test('doctor: a store that is behind is told and left as it is', async () => {
  const other = await Site.open({ serve: false });
  const ask = (sql) => ON_PG ? other.database.query(sql.replaceAll('schema_migration', 'minar_live.schema_migration')).trim()
    : execFileSync('python3', ['-c', `import sqlite3\nc = sqlite3.connect(${JSON.stringify(path.join(other.dir, 'realm/live/records.db'))})\nprint(c.execute(${JSON.stringify(sql)}).fetchone()[0] if ${sql.startsWith('SELECT') ? 'True' : 'False'} else c.execute(${JSON.stringify(sql)}).rowcount)\nc.commit()`], { encoding: 'utf8' }).trim();
  try {
    const all = Number(ask('SELECT count(*) FROM schema_migration'));
    ask(`DELETE FROM schema_migration WHERE number = ${all}`);
    const r = await other.cli(['doctor', '--json']);
    assert.equal(check(r, 'store').state, 'ok', r.out);
    assert.match(check(r, 'store').words, new RegExp(`${all - 1} of ${all} `));
    assert.equal(Number(ask('SELECT count(*) FROM schema_migration')), all - 1, 'nothing was brought forward');
    ask(`INSERT INTO schema_migration VALUES (${all}, 'another text', 0)`);
    const changed = await other.cli(['doctor', '--json']);
    assert.deepEqual([changed.code, check(changed, 'store').state], [1, 'bad']);
  } finally {
    await other.close();
  }
});

test('doctor: what is proved of the ledger', async () => {
  const other = await Site.open({ serve: false, conf: { ledger: { checkpoint_s: 1 } } });
  try {
    assert.equal(check(await other.cli(['doctor', '--json']), 'keys').state, 'ok');
    await other.start();
    const proved = await poll('it is proved', async () => {
      const a = await other.desk.call('GET', '/metrics');
      assert.equal(a.status, 200, a.text);
      return Number(/minar_ledger_proved_entries (\d+)/.exec(a.text)[1]);
    });
    assert.match(check(await other.cli(['doctor', '--json']), 'ledger').words, new RegExp(`; ${proved} proved`));
  } finally {
    await other.close();
  }
});

test('doctor: nobody\'s folder', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'minar-none-'));
  rmSync(dir, { recursive: true });
  const none = await run(MINAR, ['doctor', '--json', '--data', dir]);
  assert.equal(none.code, 1, none.out);
  assert.equal(check(none, 'folder').state, 'bad');
  assert.throws(() => readFileSync(path.join(dir, 'minar.yaml')), 'nothing was made');
});
