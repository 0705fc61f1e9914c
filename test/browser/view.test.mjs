// A saved view: the filtered screen gets a name by keyboard, stands in the menu under its desk, leads back to the same
// filter, is renamed and removed; on a phone it is behind More.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, close, mocked, open, settle, visit } from './common.mjs';

before(open);
after(close);
const shot = (page, name) => (process.env.SHOT ? page.screenshot({ path: `${process.env.SHOT}/${name}.png` }) : null);

for (const lang of ['en', 'ur']) {
  test(`v keeps the screen under a name, and the menu leads to it (${lang})`, async (t) => {
    if (mocked) return t.skip('needs the program');
    const { page, done } = await visit('national', '/notices?state=sent', { lang }), name = lang === 'ur' ? 'بھیجے گئے' : 'Sent ones';
    await page.keyboard.press('v');
    await page.locator('[role=dialog] input').waitFor();
    await page.keyboard.type(name);
    await shot(page, `view-form-${lang}`);
    await page.keyboard.press('Enter');
    await page.locator('[role=dialog]').waitFor({ state: 'detached' });
    const entry = page.locator('nav.menu .views a', { hasText: name });
    await entry.waitFor();
    assert.equal(await entry.getAttribute('aria-current'), 'page');
    await shot(page, `view-menu-${lang}`);
    await page.goto(`${base}/events`);
    await settle(page);
    await entry.click();
    await page.waitForURL('**/notices?state=sent');
    await page.goto(`${base}/views`);
    await settle(page);
    const row = page.locator('main li', { hasText: name });
    await shot(page, `views-${lang}`);
    await row.locator('select').first().selectOption('organisation');
    await page.waitForFunction(async () => (await (await fetch('/api/views')).json()).items.some((v) => v.whom === 'organisation'));
    await row.getByRole('button').nth(-2).click();
    await page.locator('main form input').fill(`${name} 2`);
    await page.keyboard.press('Enter');
    await page.locator('nav.menu .views a', { hasText: `${name} 2` }).waitFor();
    await page.locator('main li button').last().click();
    await page.locator('main li button.danger').click();
    await page.locator('nav.menu .views').waitFor({ state: 'detached' });
    await done();
  });
}

test('on a phone it is behind More', async (t) => {
  if (mocked) return t.skip('needs the program');
  const { page, done } = await visit('national', '/events', { lang: 'ur', width: 360, height: 720 });
  const { id } = await page.evaluate(async () => (await fetch('/api/views', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name_ur: 'فون پر', path: '/events', query: 'last=7' }) })).json());
  await page.goto(`${base}/views`);
  await settle(page);
  await shot(page, 'views-phone');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.locator('nav.foot button').click();
  await page.locator('#more-places a', { hasText: 'فون پر' }).click();
  await page.waitForURL('**/events?last=7');
  await settle(page);
  await shot(page, 'events-phone');
  await page.evaluate((v) => fetch(`/api/views/${v}`, { method: 'DELETE' }), id);
  await done();
});
