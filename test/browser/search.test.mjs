// The one box and what it finds: typed, chosen by keys, taken back when typed over; the page of results with its
// kinds; nothing found explains itself; a file on a page of its own. Both languages, desk and phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, close, mocked, open, rows, settle, visit } from './common.mjs';

const LOOKS = [{ lang: 'en' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', width: 360, height: 720 }, { lang: 'en', theme: 'dark', width: 360, height: 720 }];
before(open);
after(close);

for (const look of LOOKS) {
  test(`the box, open: ${Object.values(look).join(' ')}`, async (t) => {
    if (!mocked) return t.skip('asks for what the stand-in server has');
    const { page, done } = await visit('national', '/notices', look);
    await page.keyboard.press('/');
    await page.keyboard.type('exampl');
    const options = page.locator('[role=option]');
    await options.nth(2).waitFor();
    assert.equal(await page.locator('[role=option][aria-selected=true]').count(), 1);
    await accessible(page, 'the box');
    await page.keyboard.type('zzz'); // typed over: the last question counts
    await page.locator('.answer').filter({ hasText: look.lang === 'ur' ? 'یہ تمام الفاظ' : 'all these words' }).waitFor();
    assert.equal(await options.count(), 2, 'all results and all events are always there');
    await page.keyboard.press('Enter');
    await page.waitForURL((u) => u.pathname === '/search' && u.searchParams.get('q') === 'examplzzz');
    await page.locator('.state').waitFor();
    await accessible(page, 'nothing found');
    await done();
  });
}

test('the page of results: kinds narrow it, and the address keeps that', async (t) => {
  if (!mocked) return t.skip('asks for what the stand-in server has');
  const { page, done } = await visit('national', '/search?q=example');
  const all = await rows(page).count(), chips = page.getByRole('group', { name: 'Kinds' }).getByRole('button');
  assert.ok(all > 2);
  await chips.filter({ hasText: 'Organisation' }).click();
  await page.waitForURL((u) => u.searchParams.get('kind') === 'organisation');
  await settle(page);
  assert.equal(await page.getByRole('button', { name: /Organisation/ }).getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/organisations\/[0-9a-f-]{36}/);
  await page.goBack();
  await settle(page);
  assert.match(page.url(), /kind=organisation/);
  await done();
});

test('a file has a page, with what it hangs on; links to shared files lead there', async (t) => {
  if (!mocked) return t.skip('asks for what the stand-in server has');
  for (const look of LOOKS) {
    const { page, done } = await visit('national', '/notices', look);
    const { items } = await page.evaluate(async () => (await fetch('/api/files?kind=notice&id=x')).json());
    for (const place of ['files', 'attachments']) {
      await page.goto(`${base}/${place}/${items[0].id}`);
      await settle(page);
      await page.locator('h1', { hasText: items[0].name }).waitFor();
      await page.locator('dl.kv').first().waitFor();
      assert.match(await page.locator('main a.link').first().getAttribute('href'), /^\/notices\//);
    }
    await accessible(page, `/files/${Object.values(look).join(' ')}`);
    await done();
  }
});
