// ground.mjs - the country over which the holes of peers are tried: two agencies with a person each, one notice
// of each that left, and hands on the store to see whether anything in it changed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { sleep } from '../api/harness.mjs';
import { Site, poll } from '../api/site.mjs';
import { populate } from '../api/world.mjs';

export const ABSENT = '00000000-0000-4000-8000-000000000000';
export const MACHINES = { MOX: '198.18.4.10', BNK: '198.18.64.20' };

/** w.theirs: what belongs to MOX; w.own: what belongs to BNK, whose person w.bnk tries things. */
export async function ground(options = {}) {
  const site = await Site.open({ conf: { outbox: { hold_s: 0 }, ...options.conf } });
  const w = await populate(site);
  await w.give([[MACHINES.MOX], [MACHINES.BNK], ['192.0.2.9']]);
  w.theirs = await belongings(w, w.mox, w.MOX);
  w.own = await belongings(w, w.bnk, w.BNK);
  return { site, desk: site.desk, w };
}

async function belongings(w, who, org) {
  const notice = await poll('a notice that left', async () => (await who.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  const [finding] = (await who.get('/api/findings')).items, [event] = (await who.get('/api/events')).items;
  const [network] = (await who.get(`/api/organisations/${org}/networks`)).items;
  const api_key = await who.post('/api/keys', { name: 'mine', access: 'read' });
  const run = (await w.desk.get('/api/imports')).items.find((x) => x.kind === 'feed');
  const sharing_group = (await w.desk.post('/api/groups', { name_en: `Of ${org}`, kind: 'case', members: [org] })).id;
  const indicator = (await w.desk.post('/api/indicators', { value: `of-${org}.example`, why: 'x' })).id;
  const attachment = (await who.file(`/api/files?kind=finding&id=${finding.id}&name=evidence.txt`, `of ${org}`)).id;
  const action = (await w.desk.post('/api/actions', { about: 'notice', subject: notice.id, title: 'Of theirs', working_days: 9 })).id;
  return { action, attachment, sharing_group, indicator, organisation: org, person: who.id, notice: notice.id, delivery: notice.id, finding: finding.id, event: event.id, network: network.id, api_key: api_key.id, import_run: run.id, number: notice.number };
}

const DUMP = `
import hashlib,sqlite3,sys
c=sqlite3.connect('file:'+sys.argv[1]+'?mode=ro',uri=True)
for (t,) in c.execute("select name from sqlite_master where type='table' and sql not like 'CREATE VIRTUAL%' order by 1").fetchall():
  if t in sys.argv[2:]: continue
  h=hashlib.sha256()
  for r in c.execute('select * from "%s" %s order by 1,2'%(t,"where type <> 'ledger.padding'" if t=='ledger_entry' else '')): h.update(repr(r).encode())
  print(t,h.hexdigest())`;

/** Notes of who read what, and when a key was last used: reading writes them, as it must. And what the machine does in its own time: a
 * first day of confirmation for who is new, a checkpoint (its padding is no entry of anybody's). */
const OF_READING = ['read_day', 'read_note', 'key_used', 'recert', 'contact_round', 'ledger_checkpoint', 'ledger_head', 'ledger_leaves', 'ledger_tile', 'retention_rule'];

/** Every table with the digest of all that is in it. */
export function dump(site) {
  if (!site.database) return execFileSync('python3', ['-c', DUMP, path.join(site.dir, 'realm/live/records.db'), ...OF_READING], { encoding: 'utf8' }).trim().split('\n');
  const names = site.database.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'minar_live' AND table_type = 'BASE TABLE' ORDER BY 1").trim().split('\n').filter((n) => !OF_READING.includes(n));
  return site.database.query(names.map((n) => `SELECT '${n} ' || md5(coalesce(string_agg(x::text, '' ORDER BY x::text), '')) FROM minar_live.${n} x${n === 'ledger_entry' ? " WHERE x.type <> 'ledger.padding'" : ''}`).join(' UNION ALL ')).trim().split('\n').sort();
}

/** Nothing that stands in the store is another when body() is over. */
export async function unchanged(site, body) {
  let before = dump(site), same = 0;
  await poll('the store is at rest', async () => { // what a mail that arrived leaves in the store comes a moment after it
    await sleep(400);
    const now = dump(site);
    same = JSON.stringify(now) === JSON.stringify(before) ? same + 1 : 0;
    before = now;
    return same === 4;
  });
  await body();
  assert.deepEqual(dump(site), before);
}

export const digest = (text) => createHash('sha256').update(text).digest('hex');
