// The console by keyboard: moving, opening, back to the same row, search, places, the sheet of keys; the same in Urdu.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, mocked, open, rows, visit } from './common.mjs';

before(open);
after(close);
const at = (page) => page.evaluate(() => document.activeElement?.closest('[data-at]')?.getAttribute('data-at') ?? null);

for (const lang of ['en', 'ur']) {
  test(`rows: j k Enter Esc (${lang})`, async (t) => {
    const { page, done } = await visit('national', '/queue', { lang });
    if ((await rows(page).count()) < 3) { await done(); return t.skip('the queue has fewer than three rows'); }
    await page.keyboard.press('j');
    assert.equal(await at(page), '0');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    assert.equal(await at(page), '1');
    await page.keyboard.press('Enter');
    await page.locator('section.detail article').waitFor();
    assert.match(page.url(), /\/queue\/[0-9a-f-]{36}/);
    await page.keyboard.press('Escape');
    await page.locator('section.detail').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.closest('[data-at]'));
    assert.equal(await at(page), '1', 'Esc goes back to the same row');
    await done();
  });
}

test('x selects and tells how many', async (t) => {
  const { page, done } = await visit('national', '/queue');
  if ((await rows(page).count()) < 2) { await done(); return t.skip('the queue has fewer than two rows'); }
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
  await page.getByText('2 selected').waitFor();
  await done();
});

test('/ searches, arrows choose, Esc leaves', async () => {
  const { page, done } = await visit('national', '/queue');
  await page.keyboard.press('/');
  await page.keyboard.type(mocked ? 'Example' : '192.0.2.1');
  await page.locator('.answer').filter({ hasText: /\S/ }).waitFor();
  await page.locator('[role=option]').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.locator('[role=option][aria-selected=true]').count(), 1);
  await page.keyboard.press('Enter');
  await page.waitForURL((u) => !u.pathname.startsWith('/queue'));
  await page.keyboard.press('Control+k');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'combobox');
  await done();
});

test('g goes to places, ? shows the keys', async () => {
  const { page, done } = await visit('national', '/queue');
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.waitForURL('**/events');
  await page.locator('h1', { hasText: 'Events' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('t');
  await page.waitForURL('**/events?table=1');
  await done();
});

test('by keyboard alone: to what was opened by emergency, asking for an opening, and back', async () => {
  const { page, done } = await visit('national', '/queue');
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await page.waitForURL('**/glass');
  await page.locator('h1', { hasText: 'Emergency access' }).waitFor();
  const ask = page.getByRole('button', { name: 'Ask for an opening' });
  for (let i = 0; i < 40 && !(await ask.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'record');
  await page.keyboard.type('https://minar.example/notices/00000000-0000-4000-8000-00000000ffff');
  for (const name of ['kind', 'minutes', 'reason']) {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), name);
  }
  assert.equal(await page.locator('select[name=kind]').inputValue(), 'notice', 'the address says what it is');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).search, '');
  await done();
});

test('a key answers within 50 ms', async (t) => {
  const { page, done } = await visit('national', '/events');
  if ((await rows(page).count()) < 20) { await done(); return t.skip('fewer than twenty events'); }
  await page.keyboard.press('j');
  const ms = await page.evaluate(async () => {
    const took = [];
    for (let i = 0; i < 15; i++) {
      const before = document.activeElement, start = performance.now();
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true, cancelable: true }));
      while (document.activeElement === before && performance.now() - start < 500) await new Promise((r) => setTimeout(r));
      took.push(performance.now() - start);
    }
    return took.sort((a, b) => a - b)[7];
  });
  t.diagnostic(`median ${ms.toFixed(1)} ms`);
  assert.ok(ms < 50, `${ms} ms`);
  await done();
});
