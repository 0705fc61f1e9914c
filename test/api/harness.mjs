// harness.mjs - starts a server for black-box tests and talks to it: fetch for the usual, raw sockets
// for what no client would send. Used by every test under test/api.
//
// How to run: server_*.test.mjs need the api-test-server (meson test --suite api builds it). The walks,
// *.walk.mjs, need only the program:
//   MINAR=build/minar MINAR_STORE=sqlite|pg node test/api/run.mjs [NAME ...]
// starts one PostgreSQL for all of them where it is asked for, runs node --test, and ends with node's
// own summary and exit code. MINAR_BUILD is the build folder (default: the folder of MINAR, else
// build); MINAR_DATA=DIR adds the tests on real files; MINAR_TEST_LOG=1 shows the server's log.
// Faults: node test/fault/kill.mjs and disk.mjs, same variables (MINAR_KILLS=100 at night).
import { spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const SOURCE = process.env.MINAR_SOURCE ?? path.resolve(import.meta.dirname, '../..');
export const MINAR = process.env.MINAR ? path.resolve(process.env.MINAR) : path.join(process.env.MINAR_BUILD ?? path.join(SOURCE, 'build'), 'minar');
export const BUILD = process.env.MINAR_BUILD ?? path.dirname(MINAR);
export const ON_PG = process.env.MINAR_STORE === 'pg';
export const SLOW = Number(process.env.MINAR_SLOW ?? 1);   // a machine that has much else to do: waits are so many times as long

/** Starts a program and waits for its line "listening on=http://127.0.0.1:PORT". */
export function start(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'pipe'] });
    const server = { child, log: '', port: 0, base: '', sock: '' };
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`ended with ${code} before it listened:\n${server.log}`)));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text) => {
      server.log += text;
      if (process.env.MINAR_TEST_LOG) process.stderr.write(text);
      const m = /on(?:=|":")http:\/\/127\.0\.0\.1:(\d+)(?:.*sock=(\S+))?/.exec(server.log);
      if (!m || server.port) return;
      Object.assign(server, { port: Number(m[1]), base: `http://127.0.0.1:${m[1]}`, sock: m[2] ?? '' });
      resolve(server);
    });
  });
}

/** Ends a server in order; fails when it does not end, or ends badly. */
export function stop(server, { seconds = 15 * SLOW } = {}) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      server.child.kill('SIGKILL');
      reject(new Error('did not stop in time'));
    }, seconds * 1000);
    server.child.removeAllListeners('exit');
    server.child.on('exit', (code, signal) => {
      clearTimeout(late);
      if (server.dir) rmSync(server.dir, { recursive: true, force: true });
      code === 0 ? resolve() : reject(new Error(`ended with ${code ?? signal}:\n${server.log.slice(-2000)}`));
    });
    server.child.kill('SIGTERM');
  });
}

/** The API's own test server. limits: [header_ms, body_ms, idle_ms, max_per_address]. */
export function startTestServer(limits = [], env = {}) {
  const args = [...(ON_PG ? ['--pg'] : []), ...limits.map(String)];
  return start(path.join(BUILD, 'test/api/api-test-server'), args, env);
}

/** The whole program over a fresh data folder; prepare(dir) founds the site or writes settings first. */
export async function startMinar(prepare = async () => {}, args = []) {
  const dir = mkdtempSync(path.join(tmpdir(), 'minar-test-'));
  await prepare(dir);
  const server = await start(MINAR, ['serve', '--data', dir, '--listen', '127.0.0.1:0', ...args]);
  return Object.assign(server, { dir, sock: path.join(dir, 'minar.sock') });
}

/** fetch as one of the test server's people, by key. */
export function as(server, name) {
  return (target, options = {}) => fetch(server.base + target, {
    ...options,
    headers: { authorization: `Bearer ${name}`, ...(options.json ? { 'content-type': 'application/json' } : {}), ...options.headers },
    body: options.json ? JSON.stringify(options.json) : options.body,
  });
}

/** Any request with exactly these headers (fetch forbids some); resolves with status, headers, bytes. from: the asker's loopback address. */
export function send(server, method, target, { headers = {}, body, sock, from } = {}) {
  const where = sock ? { socketPath: sock } : { host: '127.0.0.1', port: server.port, localAddress: from };
  return new Promise((resolve, reject) => {
    const q = http.request({ ...where, method, path: target, headers, agent: false }, (r) => {
      const parts = [];
      r.on('data', (d) => parts.push(d));
      r.on('error', reject);
      r.on('end', () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: r.statusCode, headers: r.headers, bytes, text: bytes.toString('utf8'), json: () => JSON.parse(bytes.toString('utf8')) });
      });
    });
    q.on('error', reject);
    q.end(body);
  });
}

/** Sends bytes as they are (an array: pieces with a pause between); resolves with all that came back. */
export function raw(server, pieces, { pause = 0, wait = 3000, end = false, host = '127.0.0.1' } = {}) {
  return new Promise((resolve) => {
    const began = Date.now();
    const socket = net.connect({ host, port: server.port, allowHalfOpen: true });
    let text = '', timer;
    const done = (how) => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((m) => Number(m[1]));
      resolve({ text, statuses, status: statuses.find((s) => s !== 100), closed: how !== 'silence', how, ms: Date.now() - began });
    };
    const quiet = () => {
      clearTimeout(timer);
      timer = setTimeout(() => done('silence'), wait);
    };
    socket.setEncoding('latin1');
    socket.on('data', (d) => { text += d; quiet(); });
    socket.on('end', () => done('end'));
    socket.on('error', () => done('error'));
    socket.on('connect', async () => {
      quiet();
      for (const piece of [pieces].flat()) {
        if (socket.destroyed) return;
        socket.write(Buffer.from(piece, 'latin1'));
        quiet();
        if (pause) await new Promise((r) => setTimeout(r, pause));
      }
      if (end) socket.end();
    });
  });
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
