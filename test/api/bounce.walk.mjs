// Walk: what comes back. A real mailbox (dovecot) is read by IMAP; a report of delivery (RFC 3464) to the address
// with the right tag marks delivery and person, in words; a forged one, an automatic answer (RFC 3834) and other
// mail mark nothing, and other mail stays as it was, unread and not deleted.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PASSWORD, USER, startBox } from './imapbox.mjs';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, desk, box, inbox, w, notice, sent, secret;
before(async () => {
  box = await startMailbox();
  inbox = await startBox();
  site = await Site.open({ serve: false });
  secret = path.join(site.dir, 'box.password');
  writeFileSync(secret, `${PASSWORD}\n`, { mode: 0o600 });
  site.configure({ mail: mailConf(box), outbox: { hold_s: 1 }, bounce: { address: 'bounces@cert.example', imap_url: `imap://127.0.0.1:${inbox.port}`, user: USER, password_file: secret, every_s: 1 } });
  await site.start();
  desk = site.client({});
  site.desk = desk;
  w = await populate(site);
  await w.give([['198.18.4.10', 8443], ['198.18.64.9', 8443]]);
  notice = await w.notice(w.MOX, (n) => n.state === 'sent');
  sent = await poll('the notice is mailed', () => box.to('focal@mox.example').find((m) => m.id.startsWith('<notice.')));
});
after(async () => {
  await site?.close();
  await inbox?.stop();
  await box?.stop();
});

/** A report as Postfix writes one. */
const report = (to, { action = 'failed', status = '5.1.1', words = 'smtp; 550 5.1.1 <focal@mox.example>: no such user', type = 'delivery-status', more = '' } = {}) => `Return-Path: <>
Delivered-To: ${USER}@cert.example
From: MAILER-DAEMON@relay.example
To: ${to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=${type};
\tboundary="b1/relay.example"

--b1/relay.example
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1/relay.example
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Mon, 30 Nov 2026 10:00:00 +0000
${more}
Final-Recipient: rfc822; focal@mox.example
Original-Recipient: rfc822;focal@mox.example
Action: ${action}
Status: ${status}
Diagnostic-Code: ${words}

--b1/relay.example
Content-Type: text/rfc822-headers

From: cert@cert.example
Subject: a notice

--b1/relay.example--
`;
const person = async (mail, by = desk) => (await by.all('/api/people')).find((p) => p.mail === mail);
const delivery = async (id = notice.id) => (await desk.get(`/api/notices/${id}`)).deliveries.find((d) => d.channel === 'mail');
/** Puts a mail in, and behind it a report about nothing: reports are read in order, so both were looked at once that is. */
async function put(text) {
  inbox.put(text);
  inbox.put(report('nobody@cert.example'));
  await poll('it was read', () => inbox.look().every((m) => !m.text.includes('nobody@cert.example') || m.flags.includes('S')));
}

test('each mail has an envelope sender of its own; what a reader sees is the desk\'s address', async () => {
  assert.match(sent.from, /^bounces\+d\d+-[0-9a-f]{20}@cert\.example$/);
  assert.match(sent.headers.from, /<cert@cert\.example>/);
  const others = box.mails.filter((m) => m !== sent).map((m) => m.from);
  assert.equal(new Set([sent.from, ...others]).size, others.length + 1, 'no two the same');
  assert.ok(others.some((f) => /^bounces\+p\d+-/.test(f)), 'an invitation');
});

test('a forged report, an automatic answer, one of success and other mail mark nothing; other mail is not touched', async () => {
  const [, kind, row] = /\+([dp])(\d+)-/.exec(sent.from);
  const flipped = sent.from.replace(/.(?=@)/, (c) => (c === '0' ? '1' : '0'));
  const other = 'From: aisha@mox.example\nTo: bounces@cert.example\nSubject: please call me\n\nA question for people.\n';
  await put(other);
  await put(report(flipped));
  await put(report(`bounces+${kind}${row}@cert.example`));
  await put(report(sent.from.replace(`+${kind}${row}`, `+${kind}${Number(row) + 1}`)));
  await put(report(sent.from, { action: 'delivered', status: '2.0.0' }));
  await put(report(sent.from, { type: 'disposition-notification' }));
  await put(`From: focal@mox.example\nTo: ${sent.from}\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nI am away; delivery-status report.\n`);
  assert.equal((await delivery()).state, 'sent');
  assert.equal((await person('focal@mox.example')).mail_trouble, undefined);
  const people = inbox.look().filter((m) => /please call me|Out of office/.test(m.text));
  assert.equal(people.length, 2);
  for (const m of people) assert.equal(m.flags, '', 'as unread as it came');
});

test('a delay is counted; a hard bounce marks the delivery and the person, whose screen says why and what to do', async () => {
  await put(report(sent.from, { action: 'delayed', status: '4.4.1', words: 'smtp; connect to mx.mox.example: timed out' }));
  const soft = (await poll('counted', async () => person('focal@mox.example').then((p) => p.mail_trouble && p))).mail_trouble;
  assert.deepEqual([soft.hard, soft.soft, soft.status, soft.reason], [0, 1, '4.4.1', 'server']);
  assert.equal((await delivery()).state, 'sent', 'it is still on its way');
  await put(report(sent.from.toUpperCase()));
  const d = await poll('marked', async () => { const x = await delivery(); return x.state === 'bounced' && x; });
  assert.equal(d.reason, 'address');
  assert.match(d.last_error, /^5\.1\.1 550 5\.1\.1 <\(address\)>: no such user$/);
  const p = await person('focal@mox.example');
  assert.deepEqual([p.mail_trouble.hard, p.mail_trouble.soft, p.mail_trouble.reason], [1, 1, 'address']);
  assert.equal((await person('focal@bnk.example')).mail_trouble, undefined);
  assert.ok((await desk.get('/api/status')).mail_failed >= 1);
  const entry = (await desk.all('/api/ledger')).find((e) => e.type === 'delivery.bounced');
  assert.ok(entry, 'the ledger says so');
  assert.ok(inbox.look().filter((m) => m.text.includes('report-type=delivery-status')).every((m) => m.flags === 'S'), 'read, and not deleted');
  assert.equal((await person('focal@mox.example', w.mox)).mail_trouble.hard, 1, 'who may see the person sees it');
  assert.equal(await person('focal@mox.example', w.bnk), undefined);
});

test('what is read once is not counted again, also after a start', async () => {
  await site.stop();
  await site.start();
  await put(report(sent.from, { status: '5.2.2', words: 'smtp; 552 full' }));
  const p = await poll('the next one', async () => { const x = await person('focal@mox.example'); return x.mail_trouble.status === '5.2.2' && x; });
  assert.deepEqual([p.mail_trouble.hard, p.mail_trouble.soft, p.mail_trouble.reason], [2, 1, 'full']);
});

test('hostile reports do no harm: control characters, no end, many recipients, a status that is none', async () => {
  await put(report(sent.from, { status: "5.1.1'; DROP TABLE person", words: 'x' }));
  await put(report(sent.from, { status: '9.9.9' }));
  await put(report(sent.from, { action: '\u202efailed' }));
  await put(report(sent.from).replace(/--b1\/relay\.example--/, '').slice(0, 400));
  assert.equal((await person('focal@mox.example')).mail_trouble.hard, 2);
  await put(report(sent.from, { status: '5.7.1', words: `smtp; 550 \u202e${'y'.repeat(3000)}`, more: `\n${'Final-Recipient: rfc822; a@b.example\nAction: delivered\nStatus: 2.0.0\n\n'.repeat(60)}` }));
  const p = await poll('among many, the one that failed', async () => { const x = await person('focal@mox.example'); return x.mail_trouble.hard === 3 && x; });
  assert.equal(p.mail_trouble.reason, 'policy');
});

test('who may change the person says that it works again; nobody else does', async () => {
  const p = await person('focal@mox.example');
  refused(await w.bnk.call('PATCH', `/api/people/${p.id}`, { json: { mail_works: true }, ifMatch: `"v${p.version}"` }), 404);
  await desk.ok('PATCH', `/api/people/${p.id}`, { json: { mail_works: true }, ifMatch: `"v${p.version}"` });
  assert.equal((await person('focal@mox.example')).mail_trouble, undefined);
  assert.equal((await delivery()).state, 'bounced', 'that one did not arrive');
});

test('an invitation that comes back marks its person', async () => {
  const q = await desk.post('/api/people', { name: 'New Person', mail: 'new@mox.example', org: w.MOX });
  const m = await poll('the invitation', () => box.to('new@mox.example')[0]);
  await put(report(m.from));
  const p = await poll('marked', async () => { const x = await person('new@mox.example'); return x.mail_trouble && x; });
  assert.equal(p.id, q.id);
  assert.equal(p.mail_trouble.hard, 1);
});

test('a box that does not answer, or a wrong password, stops nothing else; wrong settings are refused in words', async () => {
  await site.stop();
  writeFileSync(secret, 'wrong\n');
  await site.start();
  await poll('it is said', () => /bounce\.box/.test(site.server.log));
  assert.ok(!site.server.log.includes(PASSWORD));
  await desk.post('/api/people', { name: 'Another', mail: 'another@mox.example', org: w.MOX });
  await poll('mail leaves', () => box.to('another@mox.example')[0]);
  await site.stop();
  for (const bounce of [{ address: 'a-name-that-is-far-too-long@cert.example' }, { address: 'bounces@cert.example', imap_url: 'imap://', user: 'x' }]) {
    site.configure({ bounce });
    const r = await site.cli(['serve'], { ms: 10000 });
    assert.notEqual(r.code, 0);
    assert.match(r.err, /bounce\./);
  }
});
