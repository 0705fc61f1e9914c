// A list is looked up: pasted into the one box or the screen, sent by Ctrl-Enter, read by keys, narrowed to what matters;
// too long a text is refused at its place; empty and failed say so. Both languages, desk and phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, close, mocked, open, rows, settle, visit } from './common.mjs';

const LOOKS = [{ lang: 'en' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', width: 360, height: 720 }, { lang: 'en', theme: 'dark', width: 360, height: 720 }];
const TEXT = 'drop.bad.example\nsrc=192.0.2.1 and more\n203.0.113.7\n10.9.9.9\nnothing on this line\n';
before(open);
after(close);
const shot = (page, name) => (process.env.SHOT ? page.screenshot({ path: `${process.env.SHOT}/${name}.png` }) : null);

for (const look of LOOKS) {
  const name = Object.values(look).join('-');
  test(`a list: ${name}`, async (t) => {
    if (!mocked) return t.skip('asks for what the stand-in server has');
    const { page, done } = await visit('national', '/lookup', look);
    await page.locator('.state').waitFor();
    await accessible(page, 'empty');
    await page.locator('main textarea').fill(TEXT);
    await page.keyboard.press('Control+Enter');
    await rows(page).nth(4).waitFor();
    assert.equal(await rows(page).count(), 5);
    await shot(page, `lookup-${name}`);
    await accessible(page, 'found');
    assert.ok(!page.url().includes('bad'), 'the text stands in the address');
    const chip = page.locator('.chip').filter({ hasText: look.lang === 'ur' ? 'معلوم خطرہ' : 'Known bad' });
    await chip.click();
    await page.waitForURL((u) => u.searchParams.get('mark') === 'bad');
    assert.equal(await rows(page).count(), 1);
    assert.equal(await chip.getAttribute('aria-pressed'), 'true');
    await chip.click();
    await page.locator('main textarea').fill('nothing at all');
    await page.keyboard.press('Control+Enter');
    await page.locator('.tag', { hasText: look.lang === 'ur' ? 'سمجھ نہیں آیا' : 'Not understood' }).first().waitFor();
    await done();
  });
}

test('several lines pasted into the one box are a list; its rows are read by keys', async (t) => {
  if (!mocked) return t.skip('asks for what the stand-in server has');
  const { page, done } = await visit('national', '/notices');
  await page.keyboard.press('/');
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, TEXT);
  await page.waitForURL('**/lookup');
  await rows(page).nth(4).waitFor();
  assert.equal(await page.locator('main textarea').inputValue(), TEXT);
  await page.locator('main h1').focus();
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-at]')?.dataset.at), '0');
  await page.keyboard.press('Enter');
  await page.waitForURL((u) => u.pathname === '/indicators' && u.searchParams.get('q') === 'drop.bad.example');
  await done();
});

test('what is too long is refused at its place; a fault says what is so and can be tried again', async (t) => {
  if (!mocked) return t.skip('asks for what the stand-in server has');
  const { page, done } = await visit('national', '/lookup');
  await page.locator('main textarea').fill('x'.repeat(65537));
  await page.keyboard.press('Control+Enter');
  await page.locator('main .field .error').waitFor();
  assert.equal(await page.locator('main textarea').getAttribute('aria-invalid'), 'true');
  await page.locator('main textarea').fill('192.0.2.1');
  await page.route('**/api/lookup', (r) => r.fulfill({ status: 429, contentType: 'application/problem+json', body: '{"title":"Too many","detail":"Wait a moment."}' }));
  await page.keyboard.press('Control+Enter');
  await page.locator('.state[role=alert]').waitFor();
  await page.unroute('**/api/lookup');
  await page.locator('.state button').click();
  await rows(page).first().waitFor();
  await done();
});
