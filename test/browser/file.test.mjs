// Files of a notice: brought, opened in the sandbox, read, let out, erased; in both languages, at the desk and
// on a phone, by keyboard, without a violation of WCAG 2.2 A and AA.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, close, mocked, open, settle, visit } from './common.mjs';

const LOOKS = [{ lang: 'en', theme: 'light' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', theme: 'light', width: 360, height: 720 }, { lang: 'en', theme: 'dark', width: 360, height: 720 }];
const WORDS = { en: { files: 'Files', attach: 'Attach a file', quarantine: 'in quarantine', release: 'Let out of quarantine', erase: 'Erase', now: 'Erase for good' }, ur: { files: 'فائلیں', attach: 'فائل لگائیں', quarantine: 'قرنطینہ میں', release: 'قرنطینہ سے نکالیں', erase: 'مٹائیں', now: 'ہمیشہ کے لیے مٹائیں' } };
before(open);
after(close);

async function openNotice(look) {
  const { page, done } = await visit('national', '/notices', look);
  const first = page.locator('[role=row][data-at] a').first();
  if (!(await first.count())) { await done(); return null; } // an empty start
  await first.click();
  await settle(page);
  const files = page.getByRole('region', { name: WORDS[look.lang].files });
  await files.waitFor();
  return { page, done, files, w: WORDS[look.lang] };
}

for (const look of LOOKS) {
  test(`${Object.values(look).join(' ')}: brought, read, let out, erased`, async (t) => {
    const at = await openNotice(look);
    if (!at) return t.skip('there is no notice here');
    const { page, done, files, w } = at;
    const name = `sample ${look.lang} ${look.width ?? ''}.txt`;
    await files.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from('We cleaned the server.\nہم نے سرور صاف کر دیا۔') });
    const line = files.locator('details', { hasText: name }).first();
    await line.locator('dl').waitFor();
    assert.match(await line.textContent(), new RegExp(w.quarantine));
    assert.match(await line.locator('pre').textContent(), /We cleaned the server/);
    await settle(page);
    await accessible(page, 'a file opened');
    if (process.env.MINAR_SHOTS) await line.scrollIntoViewIfNeeded(), await page.screenshot({ path: `${process.env.MINAR_SHOTS}/file-${Object.values(look).join('-')}.png` });
    await line.getByRole('button', { name: w.release }).focus();
    await page.keyboard.press('Enter');
    await line.locator('a[href$="as=plain"]').waitFor();
    assert.equal(await line.locator('a[href$="/original"]').getAttribute('download'), '');
    await line.getByRole('button', { name: w.erase, exact: true }).click();
    await page.getByRole('button', { name: w.now }).waitFor();
    await accessible(page, 'asked before erasing');
    if (!mocked) return done(); // erasing asks for a proof, which the walk shows (file.walk.mjs)
    await page.getByRole('button', { name: w.now }).click();
    await files.locator('details', { hasText: name }).first().waitFor({ state: 'detached' });
    await done();
  });
}

test('an archive with a misleading name, a bomb and what is encrypted says so', async (t) => {
  if (!mocked) return t.skip('files of the stand-in');
  for (const look of LOOKS) {
    const { page, done, files } = await openNotice(look);
    const line = files.locator('details', { hasText: 'invoice-2026-11.zip' }).first();
    await line.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    await line.locator('li').nth(3).waitFor();
    assert.equal(await line.locator('.late').count() >= 2, true);
    await accessible(page, 'an archive opened');
    if (process.env.MINAR_SHOTS) await line.scrollIntoViewIfNeeded(), await page.screenshot({ path: `${process.env.MINAR_SHOTS}/archive-${Object.values(look).join('-')}.png` });
    const mail = files.locator('details', { hasText: 'phish.eml' }).first();
    await mail.locator('summary').first().click();
    await mail.getByText('hxxps://login[.]evil[.]example/x').waitFor();
    assert.equal(await mail.locator('a[href*="evil"]').count(), 0);
    await accessible(page, 'a mail opened');
    if (process.env.MINAR_SHOTS) await mail.scrollIntoViewIfNeeded(), await page.screenshot({ path: `${process.env.MINAR_SHOTS}/mail-${Object.values(look).join('-')}.png` });
    await done();
  }
  assert.ok(base);
});
