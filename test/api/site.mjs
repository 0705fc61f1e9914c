// site.mjs - a founded Minar of its own for a walk: a fresh data folder, its record store on SQLite or
// PostgreSQL (MINAR_STORE), its server, its command line, and people who talk to it. Every answer that a
// client of ours gets is held against the interface's description.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MINAR, ON_PG, send, sleep, start, stop } from './harness.mjs';
import { startPostgres } from './pg.mjs';
import { answerMistakes } from './schema.mjs';

/** The first answer of fn that counts as true; fails with `what` after ms. */
export async function poll(what, fn, ms = 20000) {
  let last;
  for (const began = Date.now(); Date.now() - began < ms; await sleep(50)) {
    last = await fn();
    if (last) return last;
  }
  assert.fail(`${what}: not within ${ms} ms`);
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const s = net.createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

function yaml(conf, indent = '') {
  return Object.entries(conf).map(([k, v]) => (v && typeof v === 'object' ? `${indent}${k}:\n${yaml(v, `${indent}  `)}` : `${indent}${k}: ${JSON.stringify(v)}\n`)).join('');
}

/** Runs a program to its end; never rejects. */
export function run(command, args, { env = {}, input, ms = 120000, cwd } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, LC_ALL: 'C.UTF-8', ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    const r = { out: '', err: '', get json() { return JSON.parse(this.out); } };
    const late = setTimeout(() => child.kill('SIGKILL'), ms);
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.stdout.setEncoding('utf8').on('data', (d) => { r.out += d; });
    child.stderr.setEncoding('utf8').on('data', (d) => { r.err += d; });
    child.on('close', (code, signal) => {
      clearTimeout(late);
      resolve(Object.assign(r, { code: code ?? signal }));
    });
  });
}

/** Somebody who asks: by key, by session cookie, or (neither) over the local socket. */
export class Client {
  constructor(site, { key, cookie, realm } = {}) {
    Object.assign(this, { site, key, cookie, realm });
  }

  headers(more = {}) {
    const h = { ...more };
    if (this.key) h.authorization = `Bearer ${this.key}`;
    if (this.cookie) Object.assign(h, { cookie: this.cookie, origin: this.site.server.base });
    if (this.realm) h['minar-realm'] = this.realm;
    return h;
  }

  async call(method, target, { json, body, headers, ifMatch, from, checked = (this.site.program ?? MINAR) === MINAR } = {}) {
    const local = !this.key && this.cookie === undefined;
    const h = this.headers(headers);
    if (json !== undefined) h['content-type'] ??= 'application/json';
    if (body !== undefined) h['content-type'] ??= 'application/octet-stream';
    if (ifMatch !== undefined) h['if-match'] = ifMatch;
    const bytes = json !== undefined ? JSON.stringify(json) : body;
    if (bytes !== undefined) h['content-length'] = Buffer.byteLength(bytes);
    else if (method !== 'GET') h['content-length'] = 0;
    const a = await send(this.site.server, method, target, { headers: h, body: bytes, from, sock: local ? this.site.sock : undefined });
    if (checked) assert.notEqual(a.status, 500, `${method} ${target}\n${this.site.server.log.slice(-1500)}`);
    if (checked) assert.deepEqual(answerMistakes(method, target, a), [], `${method} ${target}\n${a.text.slice(0, 2000)}`);
    const type = a.headers['content-type'] ?? '';
    return { ...a, method, target, json: /[/+]json(;|$)/.test(type) && a.text ? JSON.parse(a.text) : undefined };
  }

  /** The same, and the status must be this one; gives the JSON. */
  async ok(method, target, options = {}, status = undefined) {
    const a = await this.call(method, target, options);
    const good = status ? a.status === status : a.status < 300;
    assert.ok(good, `${method} ${target}: ${a.status} ${a.text.slice(0, 600)}`);
    return a.json;
  }

  get(target, options) { return this.ok('GET', target, options); }
  post(target, json, options = {}) { return this.ok('POST', target, { json, ...options }); }
  file(target, body, options = {}) { return this.ok('POST', target, { body, ...options }); }

  /** All items of a list, page by page. */
  async all(target, limit = 200) {
    const items = [];
    for (let next = ''; next !== null;) {
      const glue = target.includes('?') ? '&' : '?';
      const page = await this.get(`${target}${glue}limit=${limit}${next ? `&cursor=${encodeURIComponent(next)}` : ''}`);
      items.push(...page.items);
      next = page.next;
    }
    return items;
  }

  /** The stream: .events as they come, .until(predicate), .close(). */
  stream(lastId) {
    const s = { events: [], words: [], lastId: '', text: '', over: false };
    const local = !this.key && this.cookie === undefined;
    const where = local ? { socketPath: this.site.sock } : { host: '127.0.0.1', port: this.site.server.port };
    s.request = http.get({ ...where, path: '/api/stream', headers: this.headers(lastId ? { 'last-event-id': lastId } : {}), agent: false }, (r) => {
      s.status = r.statusCode;
      r.setEncoding('utf8');
      r.on('data', (text) => {
        s.text += text;
        for (let cut; (cut = s.text.indexOf('\n\n')) >= 0; s.text = s.text.slice(cut + 2)) take(s, s.text.slice(0, cut));
      });
      r.on('close', () => { s.over = true; });
      r.on('error', () => {});
    });
    s.request.on('error', () => { s.over = true; });
    s.until = (what, fn, ms = 10000) => poll(what, () => s.events.find(fn), ms);
    s.ready = poll('stream opens', () => s.lastId || s.over, 10000);
    s.close = () => s.request.destroy();
    return s;
  }
}

function take(s, block) {
  const field = (name) => block.split('\n').find((l) => l.startsWith(`${name}: `))?.slice(name.length + 2);
  if (field('id')) s.lastId = field('id');
  if (field('event')) s.words.push(field('event'));
  else if (field('data')) s.events.push({ ...JSON.parse(field('data')), heard: Date.now() });
}

let postgres;
/** One PostgreSQL for this process. */
export async function sharedPostgres() {
  postgres ??= await startPostgres();
  return postgres;
}

export class Site {
  /** conf: settings of minar.yaml; founded: run init; serve: start the server; parent: where the folder is made; program: another
   *  Minar than the one that is tried, whose answers are then not held against the interface's description. */
  static async open({ conf = {}, founded = true, serve = true, parent = tmpdir(), program = MINAR } = {}) {
    const s = Object.assign(new Site(), { program });
    s.dir = mkdtempSync(path.join(parent, 'minar-walk-'));
    s.sock = path.join(s.dir, 'minar.sock');
    if (ON_PG) s.database = (await sharedPostgres()).database();
    s.conf = { ...conf, ...(s.database ? { store: { url: s.database.url } } : {}) };
    s.port = await freePort();
    s.configure({});
    if (founded) s.link = await s.found();
    if (serve) await s.start();
    s.desk = new Client(s);
    return s;
  }

  /** Writes minar.yaml; a running server has to be started again. */
  configure(more) {
    this.conf = { ...this.conf, ...more };
    writeFileSync(path.join(this.dir, 'minar.yaml'), yaml({ listen: `127.0.0.1:${this.port}`, ...this.conf }));
  }

  async found() {
    const r = await this.cli(['init']);
    assert.equal(r.code, 0, r.err);
    return r.out.trim();
  }

  async start() {
    this.server = await start('setpriv', ['--pdeathsig', 'TERM', this.program, 'serve', '--data', this.dir]);
    return this.server;
  }

  async stop() {
    const { server } = this;
    this.server = undefined;
    if (server) await stop(server);
  }

  async close() {
    try {
      await this.stop();
    } finally {
      rmSync(this.dir, { recursive: true, force: true });
      this.database?.drop();
      if (postgres && !process.env.MINAR_PG_DIR) {
        await postgres.stop();
        postgres = undefined;
      }
    }
  }

  cli(args, options) { return run(this.program, [...args, '--data', this.dir], options); }
  client(who) { return new Client(this, who); }
  anyone() { return new Client(this, { cookie: '' }); }

  /** Presses the button of a link; gives the answer. */
  press(link, form = {}) {
    const body = new URLSearchParams(form).toString();
    return this.anyone().call('POST', new URL(link).pathname, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  }

  open(link) { return this.anyone().call('GET', new URL(link).pathname); }

  /** Presses and keeps the session. */
  async enter(link, form) {
    const a = await this.press(link, form);
    assert.equal(a.status, 303, a.text);
    return this.client({ cookie: cookieOf(a) });
  }

  /** Adds an organisation's person who has signed in. */
  async person(org, mail, more = {}, by = this.desk) {
    const ends = more.roles?.includes('auditor') ? { roles_until: new Date(Date.now() + 30 * 86400e3).toISOString() } : {}; // an auditor must have an end
    const invited = await by.post('/api/people', { name: `P ${mail}`, mail, org, contact_role: 'focal', ...ends, ...more });
    const who = await this.enter(invited.link, { password: `a long one for ${mail}`, again: `a long one for ${mail}` });
    return Object.assign(who, { id: invited.id, mail, password: `a long one for ${mail}` });
  }

  org(key, more = {}) {
    return this.desk.post('/api/organisations', { key, name_en: `Body ${key}`, kind: 'ministry', ...more });
  }
}

export function cookieOf(a) {
  const set = [a.headers['set-cookie']].flat()[0];
  assert.ok(set, 'no cookie was set');
  return set.split(';')[0];
}

/** Do these and only these hold? For answers that must refuse in words. */
export function refused(a, status, code) {
  assert.equal(a.status, status, a.text);
  if (code) assert.equal(a.json.code, code, a.text);
  assert.ok((a.json.detail ?? a.json.title).length > 10, a.text);
}
