// Many at once: rows are selected by keyboard (x, Shift X) and by their boxes; a sheet says what would change and why
// not; it is done as a job, undone from the line at the foot; long works have a screen of their own, live.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, close, open, settle, visit } from './common.mjs';

before(open);
after(close);
const shot = (page, name) => (process.env.SHOT ? page.screenshot({ path: `${process.env.SHOT}/${name}.png` }) : null);
/** On a site that has just begun there is nothing to select. */
const some = (page, path) => page.evaluate(async (to) => (await (await fetch(to)).json()).items.length > 0, path);
const states = (page) => page.evaluate(async () => (await (await fetch('/api/findings?state=open&limit=200')).json()).items.map((f) => f.id));

for (const lang of ['en', 'ur']) {
  test(`findings: selected by keyboard, previewed, answered, undone (${lang})`, async (t) => {
    const { page, done } = await visit('agency', '/findings?state=open', { lang });
    if (!(await some(page, '/api/findings?state=open'))) { await done(); return t.skip('nothing is open yet'); }
    await page.locator('[role=table] [data-at="0"] a').waitFor();
    const before = await states(page);
    assert.ok(before.length > 2, 'the demonstration has open findings of this agency');
    for (const key of ['j', 'x', 'j', 'j', 'X']) await page.keyboard.press(key);
    assert.ok(await page.locator('.row.selected').count() >= 2);
    const n = await page.locator('.row.selected').count();
    await shot(page, `bulk-selected-${lang}`);
    await page.locator('.bulk button').filter({ hasText: '…' }).first().click();
    const sheet = page.locator('[role=dialog]');
    await sheet.locator('.big').waitFor();
    assert.match(await sheet.locator('.big').innerText(), new RegExp(String(n)));
    await shot(page, `bulk-sheet-${lang}`);
    await sheet.locator('.actions button').click();
    await sheet.waitFor({ state: 'detached' });
    const undo = page.locator('.toasts .toast', { has: page.locator('button').nth(1) });
    await undo.waitFor({ timeout: 20000 });
    assert.equal((await states(page)).length, before.length - n);
    await shot(page, `bulk-toast-${lang}`);
    await undo.locator('button').first().click();
    await page.waitForFunction(async (want) => (await (await fetch('/api/findings?state=open&limit=200')).json()).items.length === want, before.length, { timeout: 20000 });
    await page.goto(`${base}/jobs`);
    await settle(page);
    await page.locator('main li').first().waitFor();
    await shot(page, `jobs-${lang}`);
    await done();
  });
}

test('all that the filter shows; on a phone, by a box in each row', async (t) => {
  const { page, done } = await visit('agency', '/findings', { lang: 'ur', width: 360, height: 720 });
  if (!(await some(page, '/api/findings'))) { await done(); return t.skip('there is no finding yet'); }
  await page.locator('[role=table] [data-at="0"] input[type=checkbox]').click();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing is wider than the phone');
  await shot(page, 'bulk-phone-ur');
  await page.locator('.bulk button.plain').first().click();
  await page.locator('.bulk button').filter({ hasText: '…' }).last().click();
  await page.locator('[role=dialog] .big').waitFor();
  await shot(page, 'bulk-phone-sheet-ur');
  await page.keyboard.press('Escape');
  await page.locator('[role=dialog]').waitFor({ state: 'detached' });
  await done();
});

test('long works: filtered by state, empty says so', async (t) => {
  const { page, done } = await visit('national', '/jobs', { lang: 'en' });
  if (!(await some(page, '/api/jobs'))) { await done(); return t.skip('there was no long work yet'); }
  await page.locator('main li').first().waitFor();
  await shot(page, 'jobs-national-en');
  await page.getByRole('button', { name: 'Stopped' }).click();
  await page.waitForFunction(() => location.search === '?state=stopped');
  await settle(page);
  await done();
});
