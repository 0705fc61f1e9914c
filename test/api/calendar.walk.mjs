// Walk: the calendar. Holidays of the country, a sector, a province; working days counted without them; what an
// agency is told to answer by follows them; a file for calendar programs, read by Python.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Site, refused } from './site.mjs';
import { populate } from './world.mjs';

let site, desk, w, officer;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'coordinator'], lang: 'ur' });
});
after(() => site.close());

const enter = (who, json) => who.call('POST', '/api/calendar/holidays', { json });
const year = (who, y) => who.get(`/api/calendar?year=${y}`);
const due = async (days, from, org) => (await desk.get(`/api/calendar/due?working_days=${days}&from=${from}${org ? `&org=${org}` : ''}`));

test('the frame: zone, weekend, hours, who may change', async () => {
  const c = await year(w.bnk, 2030);
  assert.deepEqual([c.year, c.time_zone, c.weekend, c.opens, c.closes, c.may_change, c.items], [2030, 'Asia/Karachi', ['saturday', 'sunday'], '09:00', '17:00', false, []]);
  assert.equal((await year(officer, 2030)).may_change, true);
  refused(await enter(w.bnk, { from: '2030-08-14', name_en: 'No', name_ur: 'نہیں' }), 403);
});

test('entered, moved, settled, taken out; what is no day is refused in words', async () => {
  for (const [from, until] of [['2030-02-30'], ['2030-13-01'], ['14-08-2030'], ['2030-8-014'], ['2030-08-14', '2030-08-13'], ['2030-01-01', '2030-12-31']])
    refused(await enter(officer, { from, until, name_en: 'No', name_ur: 'نہیں' }), 422);
  const { id } = (await enter(officer, { from: '2030-02-04', until: '2030-02-06', name_en: 'Festival of Lanterns', name_ur: 'جشنِ فانوس', expected: true })).json;
  let [h] = (await year(w.bnk, 2030)).items;
  assert.deepEqual([h.id, h.from, h.until, h.name.ur, h.sector, h.province, h.expected, h.version], [id, '2030-02-04', '2030-02-06', 'جشنِ فانوس', null, null, true, 1]);
  const set = (json, headers) => officer.call('PUT', `/api/calendar/holidays/${id}`, { json, headers });
  assert.equal((await set({ from: '2030-02-05', until: '2030-02-07', name_en: 'Festival of Lanterns', name_ur: 'جشنِ فانوس' }, { 'if-match': '"v1"' })).status, 200);
  refused(await set({ from: '2030-02-06', name_en: 'Festival', name_ur: 'جشن' }, { 'if-match': '"v1"' }), 412);
  [h] = (await year(w.bnk, 2030)).items;
  assert.deepEqual([h.from, h.until, h.expected, h.version], ['2030-02-05', '2030-02-07', false, 2]);
  assert.deepEqual((await year(w.bnk, 2031)).items, []);
  const gone = (await enter(officer, { from: '2030-03-01', name_en: 'Wrong', name_ur: 'غلط' })).json.id;
  await officer.ok('DELETE', `/api/calendar/holidays/${gone}`);
  refused(await officer.call('DELETE', `/api/calendar/holidays/${gone}`), 404);
  assert.deepEqual((await officer.all('/api/ledger')).filter((e) => e.type.startsWith('holiday.')).map((e) => e.type).reverse(), ['holiday.kept', 'holiday.kept', 'holiday.kept', 'holiday.removed']);
});

// 2030-02-04 is a Monday; 5 to 7 are holidays since the last test; 9 and 10 a weekend. Karachi is five hours ahead.
test('working days: the day itself does not count, weekends and holidays do not, each sees its own', async () => {
  const monday = '2030-02-04T06:00:00Z';
  const one = await due(1, monday);
  assert.deepEqual([one.due, one.skipped.map((h) => h.name.en), one.weekend_days], ['2030-02-08T12:00:00Z', ['Festival of Lanterns'], 0]);
  assert.equal((await due(2, monday)).due, '2030-02-11T12:00:00Z');
  assert.equal((await due(2, monday)).weekend_days, 2);
  assert.equal((await due(1, '2030-02-03T20:00:00Z')).due, '2030-02-08T12:00:00Z', 'it is Monday there already');
  await enter(officer, { from: '2030-02-08', name_en: 'Bank closing', name_ur: 'بینک بند', sector: 'finance' });
  await enter(officer, { from: '2030-02-11', name_en: 'Spring in Koh', name_ur: 'بہار', province: 'Koh' });
  const bank = (await desk.get(`/api/organisations/${w.BNK}`)).sector;
  assert.equal(bank, 'finance');
  assert.deepEqual([(await due(1, monday, w.BNK)).due, (await due(1, monday, w.MOX)).due], ['2030-02-11T12:00:00Z', '2030-02-08T12:00:00Z']);
  refused(await w.mox.call('GET', `/api/calendar/due?working_days=1&org=${w.BNK}`), 404);
});

test('a notice is due by the calendar of whoever is to answer', async () => {
  const from = new Date(Date.now() + 864e5).toISOString().slice(0, 10), until = new Date(Date.now() + 8 * 864e5).toISOString().slice(0, 10);
  await enter(officer, { from, until, name_en: 'Long holiday of banks', name_ur: 'بینکوں کی لمبی چھٹی', sector: 'finance' });
  await w.give([['198.18.64.9', 8443, 'medium'], ['198.18.4.9', 8443, 'medium']]);
  const bnk = await w.notice(w.BNK), mox = await w.notice(w.MOX);
  assert.ok(Date.parse(bnk.due) - Date.parse(mox.due) >= 5 * 864e5, `${bnk.due} after ${mox.due}`);
});

test('a file for calendar programs, folded and escaped', async () => {
  await enter(officer, { from: '2031-05-01', until: '2031-05-02', name_en: 'Workers, both days; and a very long name that no line of seventy-five octets can ever hold', name_ur: 'مزدوروں کا دن، دونوں دن؛ اور ایک بہت لمبا نام جو پچھتر بائٹ کی کسی سطر میں نہیں آ سکتا', expected: true });
  const a = await officer.call('GET', '/api/calendar/ics');
  assert.equal(a.headers['content-type'], 'text/calendar; charset=utf-8');
  const lines = a.text.split('\r\n');
  assert.ok(lines.every((l) => Buffer.byteLength(l) <= 75) && !/[^\r]\n/.test(a.text));
  const says = JSON.parse(execFileSync('python3', ['-c', `
import json, sys
text = sys.stdin.buffer.read().replace(b'\\r\\n ', b'').decode()
events, now = [], None
for line in text.split('\\r\\n'):
    name, _, value = line.partition(':')
    if line == 'BEGIN:VEVENT': now = {}
    elif line == 'END:VEVENT': events.append(now); now = None
    elif now is not None: now[name] = value
print(json.dumps(events))`], { input: a.text, encoding: 'utf8' }));
  const e = says.find((x) => x['DTSTART;VALUE=DATE'] === '20310501');
  assert.deepEqual([e['DTEND;VALUE=DATE'], e.STATUS, e.SUMMARY], ['20310503', 'TENTATIVE', 'مزدوروں کا دن، دونوں دن؛ اور ایک بہت لمبا نام جو پچھتر بائٹ کی کسی سطر میں نہیں آ سکتا']);
  const en = await w.bnk.call('GET', '/api/calendar/ics');
  assert.match(en.text.replaceAll('\r\n ', ''), /SUMMARY:Workers\\, both days\\; and a very long name/);
});
