// Walk: a ledger that outsiders can check. One Minar publishes, two others witness it, and a verifier that
// shares nothing with the program holds it against its signatures, over HTTP and from files; forks, steps
// back and flipped bits are refused.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ON_PG, SOURCE, send } from './harness.mjs';
import { Site, poll, refused, run } from './site.mjs';

const ORIGIN = 'log.test/log', VERIFIER = path.join(SOURCE, 'tools/verify-ledger.mjs');
let site, desk, witnesses = [], vkey, wkeys, work;
const at = (name) => path.join(work, name);
const state = () => desk.get('/api/ledger/checkpoint');
const text = async (target, from = site) => (await from.anyone().call('GET', target)).text;
const prefix = () => `http://127.0.0.1:${site.port}/log`;

const verifier = (...args) => run(process.execPath, [VERIFIER, '--key', vkey, ...args], { cwd: work });
const holds = async (...args) => {
  const r = await verifier('--json', ...args);
  assert.equal(r.code, 0, r.err);
  return r.json;
};
const broken = async (words, ...args) => {
  const r = await verifier(...args);
  assert.equal(r.code, 1, `${r.out}${r.err}`);
  assert.match(r.err, words);
};
const both = () => wkeys.flatMap((k) => ['--witness', k]);

/** Whatever it is: an entry, and the checkpoint that has it, cosigned by `by`. */
async function more(by = 2) {
  const { size } = await state();
  await site.org(`M${size}X${Math.random().toString(36).slice(2, 7).toUpperCase()}`);
  return poll('a larger checkpoint', async () => {
    const s = await state();
    return s.size > size && s.cosigned >= by && s;
  });
}

async function sql(statement) {
  const py = 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1],timeout=20); c.execute(sys.argv[2]); c.commit()';
  const r = ON_PG ? await run('psql', [site.database.url, '-qc', `SET search_path = minar_live; ${statement}`])
    : await run('python3', ['-c', py, path.join(site.dir, 'realm/live/records.db'), statement]);
  assert.equal(r.code, 0, r.err);
}

before(async () => {
  work = mkdtempSync(path.join(tmpdir(), 'minar-ledger-'));
  site = await Site.open({ conf: { ledger: { origin: ORIGIN, checkpoint_s: 1 } }, serve: false });
  desk = site.desk;
  const alone = await site.cli(['ledger', 'checkpoint', '--json']);
  assert.equal(alone.code, 0, alone.err);
  assert.equal(alone.json.state, 'waiting');
  vkey = alone.json.key;
  for (const name of ['w1.test/w', 'w2.test/w']) witnesses.push(await Site.open({ conf: { witness: { name, logs: vkey } } }));
  wkeys = await Promise.all(witnesses.map(async (w) => (await text('/log/key', w)).split('\n')[1]));
  const list = witnesses.map((w, i) => `${wkeys[i]} http://127.0.0.1:${w.port}/witness`).join(' ');
  site.configure({ ledger: { origin: ORIGIN, checkpoint_s: 1, witnesses: list } });
  await site.start();
});
after(async () => {
  for (const s of [site, ...witnesses]) await s?.close();
  rmSync(work, { recursive: true, force: true });
});

test('a checkpoint at a fixed time, a whole batch, cosigned by both witnesses', async () => {
  const s = await poll('the first checkpoint', async () => {
    const now = await state();
    return now.cosigned === 2 && now;
  });
  assert.deepEqual([s.state, s.origin, s.key, s.witnesses, s.halted], ['published', ORIGIN, vkey, 2, null]);
  assert.equal(s.size % 256, 0);
  const a = await site.anyone().call('GET', '/log/checkpoint');
  assert.equal(a.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(a.text.split('\n')[1], String(s.size));
  assert.equal(a.text.match(/^\u2014 /gm).length, 3);
  assert.equal((await text('/log/key')).split('\n')[0], vkey);
  const list = (await desk.get('/api/ledger/witnesses')).items;
  assert.deepEqual(list.map((w) => [w.name, w.state, w.size, w.why]), [['w1.test/w', 'cosigned', s.size, null], ['w2.test/w', 'cosigned', s.size, null]]);
});

test('the verifier holds everything, over HTTP and from what it kept, and says where a bit was flipped', async () => {
  await more();
  const said = await holds(...both(), '--all', '--save', at('kept'), prefix());
  assert.equal(said.cosigned.length, 2);
  assert.deepEqual((await holds(...both(), '--all', at('kept'))).root, said.root);
  for (const [name, offset, words] of [['tile/0/000', 40, /entry 1 does not hash to its leaf/], ['tile/entries/000', 70, /entry 2 does not hash/],
    ['tile/1/000.p/2', 3, /tile 1\/000? ?is wrong at 0|tile 1\/0 is wrong at 0/], ['checkpoint', 20, /does not hold|not a|not base64/]]) {
    cpSync(at('kept'), at('bad'), { recursive: true });
    const bytes = readFileSync(at(`bad/${name}`));
    bytes[offset] ^= 1;
    writeFileSync(at(`bad/${name}`), bytes);
    await broken(words, '--all', at('bad'));
    rmSync(at('bad'), { recursive: true });
  }
});

test('an entry is proved by whoever sees it; to anybody else it is not there', async () => {
  const org = await site.org('PROVE'), bank = await site.org('BANK', { kind: 'bank' });
  const who = await site.person(org.id, 'focal@prove.example'), other = await site.person(bank.id, 'focal@bank.example');
  await more();
  const mine = (await who.all('/api/ledger')).find((e) => e.type === 'organisation.created' && e.subject === org.id);
  assert.ok(mine, 'the agency sees its own entry');
  const p = await who.get(`/api/ledger/entries/${mine.id}/proof`);
  assert.equal(p.leaf, mine.leaf);
  const saidText = JSON.parse(p.said);
  assert.deepEqual([saidText.id, saidText.type, saidText.subject], [mine.id, mine.type, org.id]);
  for (const inner of ['audience', 'owner', 'author']) assert.ok(!(inner in saidText), inner);
  assert.equal((await other.all('/api/ledger')).filter((e) => e.id === mine.id).length, 0);
  const unseen = await other.call('GET', `/api/ledger/entries/${mine.id}/proof`);
  const nothing = await other.call('GET', '/api/ledger/entries/00000000-0000-4000-8000-000000000000/proof');
  refused(unseen, 404);
  assert.equal(unseen.text, nothing.text);
  writeFileSync(at('entry.json'), JSON.stringify(p));
  writeFileSync(at('entry.tlog-proof'), p.proof);
  const offline = await holds(...both(), '--proof', at('entry.json'));
  assert.deepEqual([offline.entry.id, offline.index], [mine.id, p.index]);
  await holds(...both(), '--proof', at('entry.tlog-proof'), prefix());
  const bad = { ...p, proof: p.proof.replace(`index ${p.index}`, `index ${p.index + 1}`) };
  writeFileSync(at('moved.json'), JSON.stringify(bad));
  await broken(/not in the tree of its own proof/, '--proof', at('moved.json'));
  // What is published is that commitment, and bytes that say nothing.
  const bundle = (await site.anyone().call('GET', `/log/tile/entries/${String(Math.floor(p.index / 256)).padStart(3, '0')}`)).bytes;
  assert.equal(bundle.length, 256 * 34);
  assert.equal(bundle.subarray((p.index % 256) * 34 + 2, (p.index % 256) * 34 + 34).toString('hex'), p.commitment);
  const { salt, rest } = p, h = (...b) => b.reduce((x, y) => x.update(y), createHash('sha256')).digest();
  assert.equal(h(h(Buffer.from(salt, 'hex'), p.said), Buffer.from(rest, 'hex')).toString('hex'), p.commitment);
});

test('what is not yet published is not given, and a tile has one spelling', async () => {
  const { size } = await more(), last = size / 256;
  const pad = (n) => String(n).padStart(3, '0');
  for (const good of [`0/${pad(last - 1)}`, `0/${pad(last - 1)}.p/7`, `1/000.p/${last}`, `entries/${pad(last - 1)}`])
    assert.equal((await site.anyone().call('GET', `/log/tile/${good}`)).status, 200, good);
  for (const bad of [`0/${pad(last)}`, `0/${pad(last)}.p/1`, `1/000.p/${last + 1}`, '1/000', '0/0', '0/00', '0/x000/000', '00/000', '6/000', '0/000.p/0', '0/000.p/256',
    '0/000.p/01', '0/000.p/', '0/000/', '0/000.p/1/1', 'entries/000.q', 'x', '0/x001/x002/x003/x004/x005/x006/000', '0/000.p/-1', '0/%30%30%30%00'])
    assert.equal((await site.anyone().call('GET', `/log/tile/${bad}`, { checked: false })).status, 404, bad);
});

test('it grew out of every earlier checkpoint, and not out of another one', async () => {
  writeFileSync(at('old'), await text('/log/checkpoint'));
  const old = await state(), now = await more();
  const said = await holds(...both(), '--old', at('old'), prefix());
  assert.deepEqual([said.grew_from, said.size >= now.size], [old.size, true]);
  const g = await desk.get(`/api/ledger/growth?from=${old.size}`);
  assert.ok(g.path.length > 0 && g.size >= now.size);
  refused(await desk.call('GET', `/api/ledger/growth?from=${g.size + 256000}`), 409);
  writeFileSync(at('forged'), forge(old.size, createHash('sha256').update('another').digest()));
  await broken(/did not grow out of/, '--old', at('forged'), prefix());
});

// ---- the log's own key in wrong hands ----

/** A checkpoint of the log's own key about any tree. */
function forge(size, root, origin = ORIGIN) {
  const seed = readFileSync(path.join(site.dir, 'keys/ledger.key'));
  const key = createPrivateKey({ format: 'der', type: 'pkcs8', key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]) });
  const note = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const id = Buffer.from(vkey.split('+')[1], 'hex');
  return `${note}\n\u2014 ${ORIGIN} ${Buffer.concat([id, sign(null, Buffer.from(note), key)]).toString('base64')}\n`;
}
const ask = (w, body) => send(w.server, 'POST', '/witness/add-checkpoint', { headers: { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) }, body });

test('a witness refuses a split view, a step back, strangers and nonsense, also after a restart', async () => {
  const [w] = witnesses, other = createHash('sha256').update('split').digest();
  const { size } = await more(), real = (await text('/log/checkpoint'));
  const tries = async () => {
    const fork = await ask(w, `old ${size}\n${other.toString('base64')}\n\n${forge(size + 256, other)}`);
    assert.equal(fork.status, 422, fork.text);
    for (const [body, words] of [[`old ${size}\n\n${forge(size, other)}`, 'same size, other tree'], [`old 0\n\n${real}`, 'from nothing'], [`old 256\n\n${forge(256, other)}`, 'back']]) {
      const a = await ask(w, body);
      assert.deepEqual([a.status, a.headers['content-type'], a.text], [409, 'text/x.tlog.size', `${size}\n`], words);
    }
    assert.equal((await ask(w, `old ${size}\n\n${real.split('\n\n')[0]}\n\n\u2014 ${ORIGIN} AAAAAAAA\n`)).status, 403);
    assert.equal((await ask(w, `old ${size}\n\n${forge(size, other, 'else.test')}`)).status, 404);
    assert.equal((await ask(w, `old ${size + 1}\n\n${forge(size, other)}`)).status, 400);
    for (const body of ['', 'old\n', 'old 1\nnot base64\n\n', `old ${size}\n\nno note`]) assert.equal((await ask(w, body)).status, 400, body);
    const again = await w.anyone().call('POST', '/witness/add-checkpoint', { body: `old ${size}\n\n${real}`, headers: { 'content-type': 'text/plain' } });
    assert.equal(again.status, 200, again.text);
    assert.match(again.text, /^\u2014 w1\.test\/w \S+\n$/);
  };
  await tries();
  await w.stop();
  await w.start();
  await tries();
  assert.match(w.server.log + witnesses[1].server.log, /witness\.fork request=\S+ log="log\.test\/log"/);
});

test('a witness that is away is seen to be away; one of two may be enough for who says so', async () => {
  await witnesses[1].stop();
  await more(1);
  const bad = await poll('the second is failed', async () => (await desk.get('/api/ledger/witnesses')).items.find((x) => x.name === 'w2.test/w' && x.state === 'failed'));
  assert.ok(bad.why.length > 10 && bad.answered, JSON.stringify(bad));
  const ur = (await desk.get('/api/ledger/witnesses', { headers: { 'accept-language': 'ur' } })).items[1];
  assert.match(ur.why, /[؀-ۿ]{3,}/);
  await broken(/cosigned by 1 of the witnesses, not 2/, ...both(), prefix());
  await holds(...both(), '--quorum', '1', prefix());
  await witnesses[1].start();
  await more(2);
  // What we know of them is lost: they say where they stand, and we go on from there.
  await sql('DELETE FROM ledger_witness');
  await more(2);
});

test('one flipped bit in the store stops the signing with a clear word; mended, it goes on', async () => {
  const before = await more(), flip = (a, b) => sql(`UPDATE ledger_entry SET body = replace(body, '${a}', '${b}') WHERE number = 1`);
  const first = (await desk.all('/api/ledger')).at(-1).type;
  await flip(first, `${first.slice(0, -1)}e`);
  const s = await poll('signing is halted', async () => {
    const now = await state();
    return now.state === 'halted' && now;
  });
  assert.match(s.halted, /entry 1 /);
  assert.match((await desk.get('/api/ledger/checkpoint', { headers: { 'accept-language': 'ur' } })).halted, /[؀-ۿ]{3,}/);
  assert.match(site.server.log, /level=error.*ledger\.halt.*error\.ledger\.leaf/);
  await site.org('WHILEHALTED');
  await new Promise((r) => setTimeout(r, 2500));
  assert.equal((await state()).size, before.size, 'nothing is signed over it');
  assert.equal((await site.cli(['verify'])).code, 1);
  await flip(`${first.slice(0, -1)}e`, first);
  const after_ = await poll('signing goes on', async () => {
    const now = await state();
    return now.state === 'published' && now.size > before.size && now.cosigned === 2 && now;
  });
  assert.ok(after_.size > before.size);
  await holds(...both(), '--old', at('old'), '--all', prefix());
});

test('an erased person leaves the ledger as it was, for us and for outsiders', async () => {
  const org = await site.org('ERASE'), who = await site.person(org.id, 'gone@erase.example');
  await more();
  await sql(`UPDATE person_key SET wrapped = NULL, destroyed = 1 WHERE person IN (SELECT row FROM person WHERE org = (SELECT row FROM organisation WHERE key = 'ERASE'))`);
  await site.stop();
  await site.start();
  assert.equal((await site.cli(['verify'])).code, 0);
  await more();
  await holds(...both(), '--old', at('old'), '--all', prefix());
  assert.ok(who.id);
});

test('the command line: checkpoint, witness, proof, growth', async () => {
  const s = await more();
  const [entry] = (await desk.get('/api/ledger?limit=1')).items;
  assert.equal((await site.cli(['ledger', 'checkpoint', '--json'])).json.origin, ORIGIN);
  assert.match((await site.cli(['ledger', 'witness'])).out, /w1\.test\/w/);
  const proof = await site.cli(['ledger', 'proof', entry.id, '--json']);
  writeFileSync(at('cli.json'), proof.out);
  assert.equal((await holds(...both(), '--proof', at('cli.json'))).entry.id, entry.id);
  assert.equal((await site.cli(['ledger', 'growth', String(s.size), '--json'])).json.from, s.size);
  assert.equal((await site.cli(['ledger', 'proof', '00000000-0000-4000-8000-000000000000'])).code, 1);
});
