// Canaries: secrets that are planted everywhere a secret goes, and looked for everywhere one must not be: every
// answer, every log line, the command line's words, every file of the data folder, the store, the tables of
// processes. What the store may keep of them is a hash.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { routes } from '../matrix/expect.mjs';
import { send } from '../api/harness.mjs';
import { Site, cookieOf } from '../api/site.mjs';

let site, desk, org, focal;
const secrets = new Map(); // what it is -> the secret itself
before(async () => {
  site = await Site.open();
  desk = site.desk;
  org = (await site.org('MOX')).id;
});
after(() => site?.close());

const answers = [];
async function keep(who, method, target, options) {
  const a = await who.call(method, target, { ...options, checked: false });
  answers.push([`${method} ${target}`, `${JSON.stringify(a.headers)}\n${a.text}`]);
  return a;
}

async function plant() {
  const invited = await desk.post('/api/people', { name: 'Canary', mail: 'canary@mox.example', org, contact_role: 'focal' });
  const password = 'canary-password-of-a-person';
  focal = await site.enter(invited.link, { password, again: password });
  const signed = await site.anyone().call('POST', '/api/session', { json: { mail: 'canary@mox.example', password } });
  const key = await focal.post('/api/keys', { name: 'canary', access: 'write' });
  const link = (await desk.ok('POST', '/api/session/link')).link;
  secrets.set('password', password).set('session', cookieOf(signed).split('.')[1]).set('session of the link', focal.cookie.split('.')[1]);
  secrets.set('key', key.secret.split('.')[1]).set('one-time link', link.split('/l/live.')[1]).set('invitation', invited.link.split('/l/live.')[1]);
  return { key: site.client({ key: key.secret }), link };
}

/** Wrong, broken and curious requests that carry a secret: the places where it might be repeated. */
async function provoke() {
  const password = 'canary-wrong-password', token = 'live.canarycanarycanarycanarycanarycanarycanaryca';
  secrets.set('wrong password', password).set('wrong token', token.split('.')[1]);
  const json = (body) => ({ body, headers: { 'content-type': 'application/json' } }), anyone = site.anyone();
  await keep(anyone, 'POST', '/api/session', { json: { mail: 'canary@mox.example', password } });
  for (const body of [`{"mail":"canary@mox.example","password":"${password}`, `{"password":"${password}","mail":1}`, `{"mail":"canary@mox.example","password":["${password}"]}`, `{"mail":"canary@mox.example","password":"${password}","password":"${password}"}`]) await keep(anyone, 'POST', '/api/session', json(body));
  await keep(anyone, 'POST', '/l/live.nothing', { body: `password=${password}&again=${password}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  for (const headers of [{ authorization: `Bearer ${token}` }, { authorization: `Basic ${token}` }, { cookie: `__Host-minar=${token}` }]) {
    const a = await send(site.server, 'GET', '/api/session', { headers });
    answers.push(['GET /api/session', a.text]);
  }
  await keep(anyone, 'GET', `/l/${token}`, {});
}

async function readAll(who) {
  for (const route of routes.filter((r) => r.method === 'GET' && !r.path.includes('{') && r.where !== 'stream')) {
    await keep(who, 'GET', route.path + ({ lookup: '?q=canary@mox.example', search: '?q=canary@mox.example' }[route.id] ?? ''), {});
  }
  for (const p of (await desk.get('/api/people')).items) await keep(desk, 'GET', `/api/lookup?q=${p.id}`, {});
}

function files(dir) {
  return readdirSync(dir, { recursive: true }).map((f) => path.join(dir, f)).filter((f) => statSync(f).isFile());
}

test('CVE-2017-16946 no secret stands in a log, an answer, a ledger entry, a file or a list of processes', async () => {
  const { key } = await plant();
  await provoke();
  for (const who of [desk, focal, key]) await readAll(who);
  const cli = await site.cli(['user', 'ls', '--json']), ledger = await site.cli(['ledger', 'ls', '--json']);
  for (const c of [cli, ledger]) answers.push(['the command line', c.out + c.err]);
  const { pid } = site.server.child, commands = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).map((p) => {
    try { return readFileSync(`/proc/${p}/cmdline`, 'utf8') + (Number(p) === pid ? readFileSync(`/proc/${p}/environ`, 'utf8') : ''); } catch { return ''; }
  });
  const log = site.server.log;
  await site.stop();
  assert.ok(log.length > 100 && answers.length > 60);
  for (const [what, secret] of secrets) {
    assert.ok(secret.length > 15, what);
    assert.ok(!log.includes(secret), `the log says the ${what}: ${log.split('\n').find((l) => l.includes(secret))}`);
    for (const [where, text] of answers) assert.ok(!text.includes(secret), `${where} says the ${what}: ${text.slice(0, 400)}`);
    assert.ok(!commands.some((c) => c.includes(secret)), `a process's arguments say the ${what}`);
    for (const f of files(site.dir)) {
      assert.ok(!readFileSync(f).includes(secret), `${path.relative(site.dir, f)} keeps the ${what}`);
    }
  }
  assert.match(readFileSync('/proc/self/limits', 'utf8'), /core file size/i);
});

test('a password that an administrator wrote into an address is not repeated', async () => {
  for (const [conf, secret] of [[{ mail: { smtp_url: 'smtp://canary-user:canary-relay-password@127.0.0.1:99999', from: 'cert@cert.example' } }, 'canary-relay-password'], [{ mail: { smtp_url: 'smtp://canary-user:canary-relay-password@127.0.0.1:9', from: 'cert@cert.example' } }, 'canary-relay-password'], [{ store: { url: 'mysql://canary:canary-store-password@127.0.0.1:1/x' } }, 'canary-store-password'], [{ store: { url: 'postgresql://canary:canary-store-password@127.0.0.1:1/x' } }, 'canary-store-password']]) {
    const kept = site.conf;
    site.configure(conf);
    const r = await site.cli(['serve'], { ms: 5000 }); // one that cannot reach its store tries again until it is ended
    site.conf = kept;
    site.configure({});
    assert.ok((r.out + r.err).length > 20, r.err);
    assert.ok(!(r.out + r.err).includes(secret), r.err);
  }
});

test('what the store keeps of a key is its hash, and of a person ciphertext', { skip: process.env.MINAR_STORE === 'pg' && 'reads the file' }, () => {
  const bytes = Buffer.concat(files(path.join(site.dir, 'realm/live')).map((f) => readFileSync(f)));
  const hash = createHash('sha256').update(secrets.get('key')).digest();
  assert.ok(bytes.includes(hash), 'the hash of the key is what is kept');
  for (const text of ['canary@mox.example', 'Canary\0']) assert.ok(!bytes.includes(text), `${text} stands in the clear`);
});
