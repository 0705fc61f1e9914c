// Walk: the first hour of a site that was just set up. Every step ticks itself by what stands in the store and by nothing
// else; one is set aside with its reason and taken up again; who may not run the site is told nothing of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

let site, desk, w;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
});
after(() => site?.close());

const hour = (who = desk) => who.get('/api/first-hour');
const states = (h) => Object.fromEntries(h.items.map((s) => [s.name, s.state]));
const open = (h) => h.items.filter((s) => s.state === 'open').map((s) => s.name);
const STEPS = ['site', 'strong', 'self', 'constituents', 'networks', 'feed', 'finding', 'invite', 'notice', 'advisory', 'report', 'backup'];

test('a new site: it is there, and nothing else is', async () => {
  const h = await hour();
  assert.deepEqual(h.items.map((s) => s.name), STEPS);
  assert.deepEqual(states(h), { ...Object.fromEntries(STEPS.map((s) => [s, 'open'])), site: 'done', advisory: 'later', report: 'later' });
  assert.equal(h.open, open(h).length);
  assert.ok(Math.abs(Date.now() - Date.parse(h.since)) < 600e3);
  for (const s of h.items.filter((x) => x.state === 'open')) assert.ok(s.path && s.command && s.may && s.words !== s.hint, s.name);
  for (const s of h.items.filter((x) => x.state === 'later')) assert.deepEqual([s.path, s.command], [undefined, undefined], 'what is not there yet leads nowhere');
});

test('set aside because, taken up again; the ledger says so without the reason', async () => {
  const skip = (name, why) => desk.call('PUT', `/api/first-hour/${name}`, { json: { why } });
  assert.equal((await skip('invite', 'Agencies come after the trial.')).status, 200);
  let s = (await hour()).items.find((x) => x.name === 'invite');
  assert.deepEqual([s.state, s.why, Boolean(s.at)], ['skipped', 'Agencies come after the trial.', true]);
  refused(await skip('invite', ''), 422);
  refused(await skip('nothing', 'no such step'), 404);
  refused(await skip('site', 'is done'), 409);
  refused(await skip('advisory', 'is not there yet'), 409);
  const told = (await desk.all('/api/ledger')).filter((e) => e.type.startsWith('site.step_'));
  assert.deepEqual(told.map((e) => e.type), ['site.step_skipped']);
  assert.ok(!JSON.stringify(told).includes('trial'));
  assert.equal((await desk.call('DELETE', '/api/first-hour/invite')).status, 200);
  refused(await desk.call('DELETE', '/api/first-hour/invite'), 404);
  s = (await hour()).items.find((x) => x.name === 'invite');
  assert.deepEqual([s.state, s.why], ['open', undefined]);
});

test('each step ticks itself', async () => {
  w = await populate(site);
  assert.deepEqual(open(await hour()).filter((s) => ['constituents', 'networks', 'invite'].includes(s)), [], 'organisations, networks, somebody who came in');
  assert.ok(open(await hour()).includes('finding'));
  await w.give([['198.18.4.10']]);
  await poll('a finding', async () => !open(await hour()).includes('finding'), 30000);
  assert.ok(!open(await hour()).includes('feed') && open(await hour()).includes('notice'));
  const notice = await poll('a notice', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  await w.mox.ok('POST', `/api/notices/${notice.id}/acknowledge`);
  assert.ok(!open(await hour()).includes('notice'));
  await desk.ok('POST', `/api/organisations/${w.CERT}/networks`, { json: { value: '198.18.200.0/24' } });
  assert.ok(!open(await hour()).includes('self'));
  await desk.ok('POST', '/api/backups/notes', { json: { kind: 'drill', good: false } });
  assert.ok(open(await hour()).includes('backup'), 'a drill that failed is none');
});

test('the command line; who sees it', async () => {
  const said = await site.cli(['first-hour', 'ls']);
  assert.match(said.out, /backup +open/);
  assert.equal((await site.cli(['first-hour', 'skip', 'backup', 'the machine is a trial'])).code, 0);
  assert.equal(states(await hour()).backup, 'skipped');
  assert.equal((await site.cli(['first-hour', 'resume', 'backup'])).code, 0);
  refused(await w.mox.call('GET', '/api/first-hour'), 403);
  const officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'coordinator'], lang: 'ur' });
  const h = await hour(officer);
  assert.match(h.items[0].words, /[؀-ۿ]/);
  assert.deepEqual(h.items.filter((s) => s.may === false).map((s) => s.name), ['backup'], 'what another role does is not offered');
  refused(await officer.call('PUT', '/api/first-hour/strong', { json: { why: 'not mine' } }), 403);
});
