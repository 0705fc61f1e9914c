// A list is taken out as a file by keyboard: d, the sheet, Enter; what is saved is the list; a refusal is said in words.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { close, mocked, open, visit } from './common.mjs';

before(open);
after(close);

for (const lang of ['en', 'ur']) {
  test(`d takes the list out (${lang})`, async (t) => {
    if (mocked) return t.skip('needs the program');
    const { page, done } = await visit('national', '/notices?state=sent', { lang });
    await page.locator('h1').waitFor();
    await page.keyboard.press('d');
    await page.locator('[role=dialog] form').waitFor();
    const saved = page.waitForEvent('download');
    await page.locator('[role=dialog] button.first').press('Enter');
    const file = await saved, text = readFileSync(await file.path(), 'utf8');
    assert.match(file.suggestedFilename(), /^minar-(demo-)?notices-TLP-[A-Z-]+-\d{8}T\d{6}Z\.csv$/);
    assert.ok(text.startsWith('\ufeffnumber,created,severity,'));
    const want = await page.evaluate(async () => { let n = 0, next = ''; do { const p = await (await fetch(`/api/notices?state=sent&limit=200${next ? `&cursor=${next}` : ''}`)).json(); n += p.items.length; next = p.next; } while (next); return n; });
    assert.equal(text.split('\r\n').length - 2, want);
    await page.locator('[role=dialog]').waitFor({ state: 'detached' });
    await done();
  });
}

test('what is refused is said in the sheet, and the sheet fits a phone', async (t) => {
  if (mocked) return t.skip('needs the program');
  const { page, done } = await visit('national', '/notices', { lang: 'ur', width: 360 });
  await page.route(/format=csv/, (r) => r.fulfill({ status: 413, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'x', status: 413, detail: 'فہرست میں 100000 سے زیادہ سطریں ہیں۔' }) }));
  await page.keyboard.press('d');
  await page.locator('[role=dialog] button.first').click();
  await page.getByText('100000').waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await done();
});
