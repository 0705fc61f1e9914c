// Walk: a pasted text is looked up. What stands in it is found among rubbish, each thing once; each viewer is
// told what that viewer may see and no more, as the lookup of one thing tells it; texts and lists that are too
// long are refused; nothing of it is kept.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { unchanged } from '../holes/ground.mjs';
import { Site, poll } from './site.mjs';
import { populate } from './world.mjs';

let site, desk, w;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  for (const [value, tlp] of [['drop.bad.example', 'GREEN'], ['hxxp://bad.example/x', 'GREEN'], ['203.0.113.0/24', 'GREEN'], ['192.0.2.77', 'AMBER+STRICT'], ['d41d8cd98f00b204e9800998ecf8427e', 'GREEN']]) await desk.post('/api/indicators', { value, tlp, why: 'Serves the Zarqa loader', source: 'a partner' });
  await w.give([['198.18.4.10', 8443, 'high', { hostname: 'mail.mox.example' }], ['198.18.64.20', 8443, 'high', { asn: 64501 }]]);
  await w.give([['198.18.4.10']], undefined, { hoursAgo: 30 });
  await w.give([['198.18.4.10']], undefined, { hoursAgo: 24 * 40 });
  await poll('findings', async () => (await w.mox.get('/api/findings')).items.length && (await w.bnk.get('/api/findings')).items.length, 30000);
});
after(() => site.close());

const look = (who, text, days) => who.post('/api/lookup', { text, ...(days ? { days } : {}) });
const by = (answer) => Object.fromEntries(answer.items.map((x) => [x.value, x]));

const PASTED = `Received: from mail.mox.example (198.18.4.10) by relay
> please look at hxxps://bad[.]example/x, hxxp://bad[.]example/x and 198[.]18[.]4[.]10:8443
src=198.18.64.20 dst=203.0.113.9 user=someone[at]bnk.example "CVE-2099-41207"
D41D8CD98F00B204E9800998ECF8427E  loader.bin
،198.18.4.10، “drop.bad.example”

-- nothing on this line --
300.1.1.1
0123456789abcdef0123456789abcdef0123
192.0.2.77 AS64501 198.18.4.0/22 [2001:db8:4::1]:443
`;

test('what stands in a text is found, each once, and its lines without any are named', async () => {
  const a = await look(desk, PASTED), of = by(a);
  assert.deepEqual(a.items.map((x) => [x.line, x.kind, x.value]), [
    [1, 'domain', 'mail.mox.example'], [1, 'ip', '198.18.4.10'], [2, 'url', 'https://bad.example/x'], [2, 'url', 'http://bad.example/x'],
    [3, 'ip', '198.18.64.20'], [3, 'ip', '203.0.113.9'], [3, 'email', 'someone@bnk.example'], [3, 'cve', 'CVE-2099-41207'],
    [4, 'hash', 'd41d8cd98f00b204e9800998ecf8427e'], [4, 'domain', 'loader.bin'], [5, 'domain', 'drop.bad.example'],
    [7, 'none', '-- nothing on this line --'], [8, 'none', '300.1.1.1'], [9, 'none', '0123456789abcdef0123456789abcdef0123'],
    [10, 'ip', '192.0.2.77'], [10, 'asn', 'AS64501'], [10, 'cidr', '198.18.4.0/22'], [10, 'ip', '2001:db8:4::1'],
  ]);
  assert.deepEqual([a.days, a.lines, a.found, a.missed], [30, 9, 15, 3]);
  assert.equal(of['198.18.4.10'].times, 3);
  assert.deepEqual(a.items.filter((x) => x.kind === 'none').map((x) => [x.mark, x.why]), [['unknown', 'nothing'], ['unknown', 'address'], ['unknown', 'hash']]);
});

test('of each: whose it is, what matches, findings, and events in the days asked', async () => {
  const of = by(await look(desk, PASTED)), ip = of['198.18.4.10'];
  assert.deepEqual([ip.mark, ip.owner.key, ip.owner.why, ip.indicators, ip.findings, ip.events, ip.event_days], ['ours', 'MOX', '198.18.4.0/22', 0, 1, 2, 2]);
  assert.match(ip.findings_href, /^\/findings\/[0-9a-f-]{36}$/);
  assert.match(ip.events_href, /^\/events\?q=198\.18\.4\.10&from=20/);
  assert.equal((await desk.get(`/api${ip.events_href}`)).items.length, 2);
  assert.deepEqual([of['mail.mox.example'].events, of['mail.mox.example'].owner.key, of['someone@bnk.example'].owner.key, of['2001:db8:4::1'].owner.key], [1, 'MOX', 'BNK', 'MOX']);
  assert.deepEqual([of.AS64501.events, of['198.18.4.0/22'].events, of['someone@bnk.example'].events], [1, 2, undefined]);
  assert.deepEqual([of['drop.bad.example'].mark, of['drop.bad.example'].indicators, of['drop.bad.example'].indicator_source], ['bad', 1, 'a partner']);
  assert.deepEqual([of['https://bad.example/x'].indicators, of['http://bad.example/x'].indicators, of['d41d8cd98f00b204e9800998ecf8427e'].mark], [0, 1, 'bad']);
  await poll('an address in a network that is an indicator', async () => (await look(desk, '203.0.113.9')).items[0].indicator === '203.0.113.0/24');
  assert.deepEqual([of['CVE-2099-41207'].mark, of['CVE-2099-41207'].owner], ['nothing', null]);
  assert.equal((await look(desk, '198.18.4.10', 90)).items[0].events, 3);
});

test('one thing among many is told as it is alone', async () => {
  const of = by(await look(desk, PASTED, 90));
  for (const value of ['198.18.4.10', '198.18.64.20', 'mail.mox.example', 'AS64501', '198.18.4.0/22', 'CVE-2099-41207']) {
    const one = await desk.get(`/api/lookup?q=${encodeURIComponent(value)}`);
    assert.deepEqual([of[value].kind, of[value].events, of[value].owner?.id], [one.recognised, one.seen, one.owner?.id], value);
    assert.equal(of[value].findings ?? 0, one.hits.filter((h) => h.kind === 'finding').length, value);
  }
});

test('each viewer is told what is theirs; what is not seen is like what is not there', async () => {
  const text = '198.18.4.10\n198.18.64.20\n192.0.2.77\ndrop.bad.example\nmail.mox.example\nAS64501\n198.18.0.0/16';
  const absent = { indicators: 0, findings: 0, events: 0, event_days: 0, owner: null, mark: 'nothing' };
  const shape = (x) => Object.fromEntries(Object.keys(absent).filter((k) => x[k] !== undefined).map((k) => [k, x[k]]));
  const mox = by(await look(w.mox, text)), bnk = by(await look(w.bnk, text)), all = by(await look(desk, text));
  assert.deepEqual([mox['198.18.4.10'].events, mox['198.18.4.10'].findings, mox['198.18.4.10'].owner.key], [2, 1, 'MOX']);
  assert.deepEqual(shape(mox['198.18.64.20']), absent);
  assert.deepEqual(shape(bnk['198.18.4.10']), absent);
  assert.deepEqual(shape(bnk['mail.mox.example']), absent);
  assert.deepEqual([bnk['198.18.64.20'].events, mox.AS64501.events, bnk.AS64501.events], [1, 0, 1]);
  assert.deepEqual([mox, bnk, all].map((x) => x['192.0.2.77'].indicators), [0, 0, 1]);
  assert.deepEqual([mox, bnk, all].map((x) => x['drop.bad.example'].indicators), [1, 1, 1]);
  assert.deepEqual([mox, bnk, all].map((x) => x['198.18.0.0/16'].events), [2, 1, 3]);
  const { line, ...never } = (await look(w.bnk, '198.18.4.10')).items[0], { line: _, ...none } = (await look(w.bnk, '198.18.4.250')).items[0];
  assert.deepEqual({ ...never, value: '' }, { ...none, value: '' });
});

test('a role that reads no such things is not told of them', async () => {
  const auditor = await site.person(w.MOX, 'auditor@mox.example', { roles: ['auditor'] });
  const [ip] = (await look(auditor, '198.18.4.10')).items;
  assert.deepEqual([ip.indicators, ip.findings, ip.events], [undefined, undefined, undefined]);
  assert.equal((await site.anyone().call('POST', '/api/lookup', { json: { text: 'x' } })).status, 401);
});

test('bounds: a text, a list, days; refused with where and why', async () => {
  const refused = async (json, status, pointer) => {
    const a = await desk.call('POST', '/api/lookup', { json });
    assert.deepEqual([a.status, a.json.pointer], [status, pointer], a.text);
    return a.json.detail;
  };
  const many = (n) => Array.from({ length: n }, (_, i) => `10.1.${i >> 8}.${i & 255}`).join('\n');
  assert.equal((await look(desk, many(500))).found, 500);
  assert.equal((await look(desk, `${many(500)}\n${many(500)}`)).found, 500);
  assert.match(await refused({ text: many(501) }, 413, '/text'), /500/);
  assert.equal((await look(desk, `${'x\n'.repeat(32767)}xx`)).missed, 32768);
  await refused({ text: 'x'.repeat(65537) }, 422, '/text');
  await refused({ text: 'آ'.repeat(40000) }, 413, '/text');
  await refused({ text: '' }, 422, '/text');
  await refused({ text: 'x', days: 91 }, 422, '/days');
  await refused({ text: 'x', days: 0 }, 422, '/days');
});

test('odd texts are answered', async () => {
  for (const text of ['\n\n', ' \t ', '،', '"', '((((', '[.]', '=', ':::::', '=:=:/', 'a='.repeat(4000), `${'x'.repeat(9000)}`, ',;,;', '->', '@', '*', "'; DROP TABLE indicator; --", '%00', '{"ip":"', 'http://[', '.'.repeat(3000)]) {
    const a = await look(desk, text);
    assert.equal(a.found, 0, text.slice(0, 20));
  }
  assert.equal((await look(desk, 'x'.repeat(9000))).items[0].why, 'long');
  assert.equal((await look(desk, "http://a.example/it's?x=1;y=2,3")).items[0].value, "http://a.example/it's?x=1;y=2,3");
  assert.deepEqual((await look(desk, '198.18.4.1,198.18.4.2;bad.example->203.0.113.5')).items.map((x) => x.value), ['198.18.4.1', '198.18.4.2', 'bad.example', '203.0.113.5']);
});

test('nothing of a lookup is kept or told', async () => {
  await unchanged(site, async () => {
    await look(w.mox, PASTED);
    await look(desk, PASTED);
  });
});

test('the command line takes a file, what comes in, or words', async () => {
  const file = path.join(site.dir, 'list.txt');
  writeFileSync(file, PASTED);
  const a = await site.cli(['lookup', '--file', file, '--json']);
  assert.equal(a.code, 0, a.err);
  assert.equal(a.json.found, 15);
  const b = await site.cli(['lookup', 'many', '--file', '-', '--days', '90'], { input: PASTED });
  assert.equal(b.code, 0, b.err);
  assert.match(b.out, /198\.18\.4\.10 .*Ministry of Examples .* 3 /);
  assert.match(b.out, /unknown +none +300\.1\.1\.1/);
  const c = await site.cli(['lookup', '198[.]18[.]4[.]10', 'drop.bad.example', '--jsonl']);
  assert.deepEqual(c.out.trim().split('\n').map((l) => JSON.parse(l).mark), ['ours', 'bad']);
  assert.equal((await site.cli(['lookup', '--json'])).code, 2);
  assert.equal((await site.cli(['lookup', '--file', '/nosuch'])).code, 75);
  writeFileSync(file, '10.0.0.1 '.repeat(80000));
  const big = await site.cli(['lookup', '--file', file]);
  assert.equal(big.code, 6, big.err);
});
