// A notice on paper: made, opened, printed, handed over, withdrawn; in both languages, at the desk and on a
// phone, by keyboard, without a violation of WCAG 2.2 A and AA; and the public page on which whoever holds a
// letter asks whether it is ours (the program's, not the stand-in's).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, close, mocked, open, settle, visit } from './common.mjs';

const LOOKS = [{ lang: 'en', theme: 'light' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', theme: 'light', width: 360, height: 720 }, { lang: 'en', theme: 'dark', width: 360, height: 720 }];
const WORDS = { en: { make: 'Make letter', open: 'Open letter', printed: 'It is printed', handed: 'It was handed over', withdraw: 'Withdraw letter', state: 'Handed over', ask: 'Is this letter ours?', no: 'We know no such letter', check: 'Check' }, ur: { make: 'خط بنائیں', open: 'خط کھولیں', printed: 'چھپ گیا', handed: 'پہنچا دیا گیا', withdraw: 'خط واپس لیں', state: 'پہنچا دیا گیا', ask: 'کیا یہ خط ہمارا ہے؟', no: 'ہمارے پاس ایسا کوئی خط نہیں', check: 'جانچیں' } };
before(open);
after(close);

async function check(page, where) {
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {})))); // a word that fades is no colour
  await accessible(page, where);
}

const shot = async (page, what, look) => { if (process.env.MINAR_SHOTS) await page.screenshot({ path: `${process.env.MINAR_SHOTS}/${what}-${Object.values(look).join('-')}.png` }); };

for (const [i, look] of LOOKS.entries()) {
  test(`${Object.values(look).join(' ')}: made, printed, handed over, withdrawn`, async (t) => {
    const w = WORDS[look.lang];
    const { page, done } = await visit('national', '/notices?state=sent', look);
    const row = page.locator('[role=row][data-at] a').nth(i);
    if (!(await row.count())) { await done(); return t.skip('there is no notice here that has left'); }
    await row.click();
    await settle(page);
    const make = page.getByRole('button', { name: w.make });
    await make.press('Enter');
    await make.waitFor({ state: 'detached', timeout: 10000 }).catch(() => make.press('Enter')); // a list that came anew took the key
    const file = page.getByRole('link', { name: w.open });
    await file.waitFor();
    assert.match(await file.getAttribute('href'), /^\/api\/letters\/[0-9a-f-]{36}\/pdf$/);
    await file.scrollIntoViewIfNeeded();
    await check(page, 'a letter made');
    await shot(page, 'letter-made', look);
    await page.getByRole('button', { name: w.printed, exact: true }).click();
    const handed = page.getByRole('button', { name: w.handed, exact: true });
    await page.getByRole('button', { name: w.printed, exact: true }).waitFor({ state: 'detached' });
    await handed.click();
    await page.locator('.tag', { hasText: w.state }).first().waitFor();
    assert.equal(await make.count(), 0, 'one letter is enough');
    await check(page, 'a letter handed over');
    await file.scrollIntoViewIfNeeded();
    await shot(page, 'letter-handed', look);
    await page.getByRole('button', { name: w.withdraw }).click();
    const sheet = page.getByRole('dialog');
    await sheet.waitFor();
    await check(page, 'asked before withdrawing');
    await sheet.getByRole('button', { name: w.withdraw }).click();
    await make.waitFor();
    await done();
  });

  test(`${Object.values(look).join(' ')}: is this letter ours?`, async (t) => {
    if (mocked) return t.skip('the page is the program\'s');
    const w = WORDS[look.lang];
    const { page, done } = await visit('national', '/notices', look);
    await page.setExtraHTTPHeaders({ 'accept-language': look.lang });
    await page.goto(`${base}/letter`);
    await page.getByRole('heading', { level: 1, name: w.ask }).waitFor();
    await check(page, 'the page that asks');
    await shot(page, 'letter-ask', look);
    await page.getByRole('textbox').first().fill('L-2026-999999');
    await page.keyboard.press('Tab');
    await page.keyboard.type('00000-00000');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: w.no }).waitFor();
    await check(page, 'the page that says no');
    await shot(page, 'letter-no', look);
    await done();
  });
}
