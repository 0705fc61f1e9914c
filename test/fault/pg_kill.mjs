// pg_kill.mjs - PostgreSQL dies under load, again and again, and is started again on its folder: its postmaster killed,
// all its connections killed, stopped without tidying up. Minar lives on, its supervisor at least. What was answered
// is there once, what was refused is refused in words and not there, readiness tells it, notices leave by mail
// afterwards, the ledger verifies.
// MINAR=build/minar node test/fault/pg_kill.mjs [ROUNDS]      (3 when nothing says)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep } from '../api/harness.mjs';
import { startPostgres } from '../api/pg.mjs';
import { Client, Site, poll } from '../api/site.mjs';
import { mailConf, startMailbox } from '../api/smtp.mjs';
import { populate } from '../api/world.mjs';
import { Load, noticed, status } from './load.mjs';

const ROUNDS = Number(process.argv[2] ?? 3), WRITERS = 16, DOWN_MS = 700;
const WAYS = ['postmaster', 'backends', 'immediate'];
let pg, site, box, load, told = 0;

before(async () => {
  delete process.env.MINAR_PG_DIR;   // one of its own
  [pg, box] = [await startPostgres(), await startMailbox()];
  site = await Site.open({ founded: false, serve: false });
  site.configure({ store: { url: pg.database().url }, outbox: { hold_s: 1 }, mail: mailConf(box), http: { max_connections_per_ip: 4000 } });
  await site.found();
  await site.start();
  load = new Load(site, { goesOn: true });
  await load.open(await populate(site));
});
after(async () => {
  await site?.close();
  await box?.stop();
  await pg?.stop();
});

/** What readiness says; no answer: the server stopped at a commit, and waits for its turn to start. */
async function unready() {
  const s = await status(site, '/readyz');
  told += s === 503 ? 1 : 0;
  return s;
}

/** Gone, seen to be gone, and back. */
async function down(way) {
  await pg.crash(way);
  if (way === 'backends') return; // it is back before anybody may have asked
  await poll(`${way}: it is not ready`, async () => await unready() !== 200, 10000);
  for (const began = Date.now(); Date.now() - began < DOWN_MS; await sleep(50)) assert.notEqual(await unready(), 200, 'ready without its database');
  await pg.again();
}

for (let round = 0; round < ROUNDS; round++) {
  const way = WAYS[round % WAYS.length];
  test(`${round + 1}: ${way}`, { timeout: 180e3 }, async () => {
    const end = load.start(WRITERS), supervisor = site.server.child.pid;
    try {
      await sleep(300 + ((round * 977) % 900));
      await down(way);
      await sleep(300);
      await poll('it is ready again', async () => await status(site, '/readyz') === 200, 60000);
    } finally {
      await end();
    }
    assert.equal(site.server.child.exitCode, null, `Minar ended:\n${site.server.log.slice(-2000)}`);
    assert.equal(site.server.child.pid, supervisor);
    await load.checkWrites();
    await noticed(way, { box, me: new Client(site, { key: load.key }), n: round, ms: 60000 });
  });
}

test('what was refused was refused in words', () => {
  for (const a of load.refusals) {
    assert.ok([503, 429].includes(a.status), `${a.status} ${a.text}`);
    assert.ok((a.json?.detail ?? a.json?.title ?? '').length > 10, a.text);
  }
  assert.ok(load.refusals.length > 0, 'nobody noticed');
});

test('every file that was taken is wholly in history, each row once', { timeout: 600e3 }, () => load.checkFiles(() => site.server.log.split('\n').filter((l) => /feed\./.test(l)).join(' | ')));

test('a notice that left twice is the same mail', () => {
  const ids = new Map();
  for (const m of box.mails) {
    const one = `${m.to} ${m.subject}`;
    ids.set(one, (ids.get(one) ?? new Set()).add(m.id));
  }
  assert.deepEqual([...ids].filter(([, of]) => of.size > 1).map(([one]) => one), []);
});

test('findings are once each, and the ledger verifies', async () => {
  const stops = (site.server.log.match(/what=store\.stop/g) ?? []).length, codes = {};
  for (const a of load.refusals) codes[`${a.status} ${a.json?.code}`] = (codes[`${a.status} ${a.json?.code}`] ?? 0) + 1;
  console.log(`# PostgreSQL gone ${ROUNDS} times: ${load.acknowledged.size} organisations and ${load.files.size} files answered for, ${load.refusals.length} refused (${Object.entries(codes).map((c) => c.join(' ')).join(', ')}), ${load.cut} cut off, ${stops} stops at a commit, ${told} times told as not ready, ${box.mails.length} mails`);
  await load.checkEnd();
});
