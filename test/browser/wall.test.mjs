// The wall goes stale where everybody sees it; the first hour is set aside and taken up again by keyboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, close, mocked, open, settle, visit } from './common.mjs';

before(open);
after(close);

test('the wall: both languages, and visibly old when nothing comes', async () => {
  const { page, done } = await visit('national', '/wall?lang=en', { width: 1366, height: 768 });
  await page.locator('.sum').nth(4).waitFor();
  assert.equal(await page.locator('.sum').count(), 5);
  assert.equal(await page.locator('.wall.stale').count(), 0);
  await page.goto(`${base}/wall?lang=ur`);
  await page.locator('html[dir=rtl] .sum').first().waitFor();
  await page.clock.install();
  await page.reload();
  await page.locator('.sum').first().waitFor();
  await page.route('**/api/wall', (r) => r.abort());
  await page.clock.runFor(45_000);
  await page.locator('.wall.stale [role=alert]').waitFor();
  await page.unroute('**/api/wall');
  await page.clock.runFor(21_000);
  await page.waitForFunction(() => !document.querySelector('.stale'));
  await done().catch((e) => assert.match(e.message, /logged errors/)); // the cut is logged by the browser
});

test('a wall without a key says how to make one', async () => {
  const { page, done } = await visit('', '/wall?lang=en');
  await page.getByText('This wall has no key').waitFor();
  await done();
});

test('a step is set aside, because, by keyboard alone', async (t) => {
  const { page, done } = await visit('national', '/first-hour');
  const skip = page.getByRole('button', { name: /^Set aside/ });
  if (!(await skip.count())) { await done(); return t.skip('nothing is open here'); }
  if (!mocked) { await done(); return t.skip('a real site keeps its steps'); }
  const n = await skip.count();
  await skip.last().focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Because').waitFor();
  await page.keyboard.type('The machine is a trial.');
  await page.keyboard.press('Enter');
  await page.getByText('The machine is a trial.').waitFor();
  assert.equal(await skip.count(), n - 1);
  await page.goto(`${base}/queue`);
  await settle(page);
  await page.locator('details.first-hour summary').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Take up again/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('The machine is a trial.').waitFor({ state: 'detached' });
  await done();
});
