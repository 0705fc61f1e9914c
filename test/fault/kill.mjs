// kill.mjs - kill -9 under mixed load, again and again: no acknowledged write is lost, no input row lost or
// doubled, the ledger verifies, a restart answers within a second.
// MINAR=build/minar [MINAR_STORE=pg] [MINAR_KILLS=100] node test/fault/kill.mjs [TIMES]   (10 when neither says)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SLOW, send, sleep } from '../api/harness.mjs';
import { Site, poll } from '../api/site.mjs';
import { populate } from '../api/world.mjs';
import { Load, status } from './load.mjs';

const KILLS = Number(process.env.MINAR_KILLS ?? process.argv[2] ?? 10), WRITERS = 16;
const ANSWER_MS = 1000 * SLOW;
let site, load;
const restarts = [], faults = [];   // faults: what servers said went wrong with imports

before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 1 } } });
  load = new Load(site);
  await load.open(await populate(site, { people: false }));
});
after(() => site.close());

async function answers(ms) {
  for (const began = Date.now(); Date.now() - began < ms; await sleep(5)) {
    if (await status(site, '/healthz') === 200) return Date.now() - began;
  }
  assert.fail(`no answer within ${ms} ms`);
}

/** Kills server and courier where they stand: the supervisor first, so that nothing is started again. */
async function killAll() {
  const { child, log } = site.server;
  faults.push(...log.split('\n').filter((l) => /feed\.(import|finish|quarantine|settle)|store\.stop/.test(l)));
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => { child.on('exit', resolve); });
  child.kill('SIGKILL');
  await gone;
  // The children end with their supervisor; the folder's lock is free when they have.
  await poll('the children are gone', async () => (await site.cli(['version'])).code === 0 && !(await send({ port: site.port }, 'GET', '/healthz').catch(() => null)), 10000);
}

test(`${KILLS} times kill -9 under load`, { timeout: 4 * 3600e3 }, async () => {
  for (let round = 0; round < KILLS; round++) {
    const end = load.start(WRITERS);
    await sleep(100 + ((round * 977) % 900));
    await killAll();
    await end();
    const began = Date.now();
    await site.start();
    await answers(10000);
    restarts.push(Date.now() - began);
    await load.checkWrites();
  }
  assert.ok(load.acknowledged.size > KILLS, `${load.acknowledged.size} writes were acknowledged, ${load.refusals.length} refused`);
  console.log(`# ${KILLS} kills, ${load.acknowledged.size} organisations acknowledged, ${load.files.size} files, restart ms: ${restarts.sort((a, b) => a - b).join(' ')}`);
});

test('every file that was taken is wholly in history, each row once', { timeout: 600e3 }, () => load.checkFiles(() => faults.join(' | ')));

test('findings are once each, and the ledger verifies', () => load.checkEnd());

test('a restart answers within a second', () => {
  // The middle one: machines that run tests are busy, and one late answer says nothing of the program.
  const middle = [...restarts].sort((a, b) => a - b)[restarts.length >> 1];
  assert.ok(middle < ANSWER_MS, `${middle} ms; all: ${restarts.join(' ')}`);
});
