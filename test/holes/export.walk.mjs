// A list that is taken out: no formula in it, and nothing of it that its asker does not see.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { send, sleep } from '../api/harness.mjs';
import { openapi } from '../api/schema.mjs';
import { run } from '../api/site.mjs';
import { ground } from './ground.mjs';

let site, desk, w;
before(async () => { ({ site, desk, w } = await ground()); });
after(() => site?.close());

const LISTS = Object.entries(openapi.paths).filter(([, of]) => of.get?.['x-export']).map(([at]) => at);
const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', "=cmd|'/C calc'!A0", '＝1', " =1", "'=1", '=HYPERLINK("https://x.example","y")'];
async function patient(fn) {
  for (;;) {
    const a = await fn();
    if (a.status !== 429) return a;
    await sleep(150);
  }
}

test('CVE-2020-24707 no text becomes a formula in a list that is taken out, and no list is taken out that is not seen', async (t) => {
  await t.test('formulas in every field that a list shows', async () => {
    for (const [i, f] of FORMULAS.entries()) {
      await desk.post('/api/organisations', { key: `F${i}`, name_en: f, name_ur: f, kind: 'ministry' });
      await desk.post('/api/indicators', { value: `f${i}.example`, why: f, source: f, tlp: 'GREEN' });
      await desk.post('/api/groups', { name_en: f, kind: 'case' });
      await w.bnk.post('/api/keys', { name: f, access: 'read' });
    }
    let cells = 0;
    for (const at of LISTS) for (const who of [desk, w.bnk]) {
      const to = at.replace('{id}', w.BNK), a = await patient(() => who.call('GET', `${to}?format=csv${to === '/api/files' ? `&kind=finding&id=${w.own.finding}` : ''}`));
      if (a.status !== 200) continue;
      const r = await run('python3', [path.join(import.meta.dirname, '../api/csv_read.py')], { input: a.bytes });
      assert.equal(r.code, 0, `${at}: ${r.err}`);
      assert.deepEqual(r.json.acts, [], at);
      cells += r.json.rows.flat().filter((c) => c.startsWith("'")).length;
    }
    assert.ok(cells > 3 * FORMULAS.length, `the formulas stand there, made harmless: ${cells}`);
  });
  await t.test('nothing of another organisation, in any list, whatever is asked for', async () => {
    const foreign = [w.theirs.notice, w.theirs.finding, w.theirs.event, w.theirs.network, w.theirs.api_key, w.theirs.attachment, w.theirs.person, w.theirs.number];
    for (const at of LISTS) for (const q of ['', `&org=${w.MOX}`, `&person=${w.theirs.person}`, '&national=true', '&all=true', `&kind=finding&id=${w.theirs.finding}`]) for (const format of ['csv', 'jsonl']) {
      const a = await patient(() => w.bnk.call('GET', `${at.replace('{id}', w.MOX)}?format=${format}${q}`));
      for (const id of foreign) assert.ok(!a.text.includes(id), `${at}${q} tells ${id}`);
    }
  });
  await t.test('no page of another site has a list taken out, nobody without a credential has one', async () => {
    for (const at of LISTS) {
      const to = `${at.replace('{id}', w.BNK)}?format=csv`;
      assert.equal((await patient(() => send(site.server, 'GET', to, { headers: { cookie: w.bnk.cookie, 'sec-fetch-site': 'cross-site' } }))).status, 403, at);
      assert.equal((await site.anyone().call('GET', to)).status, 401, at);
    }
  });
});
