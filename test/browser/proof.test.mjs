// Showing again who one is: an authenticator is added, a dangerous act asks for its code and then goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeOf } from '../api/authenticator.mjs';
import { close, mocked, open, visit } from './common.mjs';

before(open);
after(close);

let step = 0;
/** The next unused code of the secret that the page shows; the stand-in server takes one code always. */
async function nextCode(secret) {
  if (mocked) return '123456';
  for (step = Math.max(step + 1, Math.floor(Date.now() / 30000)); step > Math.floor(Date.now() / 30000) + 1;) await new Promise((r) => setTimeout(r, 500));
  return codeOf(secret, step);
}

test('an authenticator is added by keyboard; then a key asks for its code, and is made', async (t) => {
  if (!mocked) return t.skip('the session of the other tests would be asked for codes');
  const { page, done } = await visit('national', '/keys');
  await page.getByRole('button', { name: 'Add an authenticator' }).click();
  const dialog = page.getByRole('dialog');
  const secret = await dialog.getByRole('textbox', { name: 'Secret' }).inputValue();
  assert.match(secret, /^[A-Z2-7]{32}$/);
  await dialog.getByLabel('Code of the authenticator').fill('000000');
  await page.keyboard.press('Enter');
  await dialog.getByText('This code is wrong').waitFor();
  await dialog.getByLabel('Code of the authenticator').fill(await nextCode(secret));
  await page.keyboard.press('Enter');
  await page.getByText('You have an authenticator').waitFor();

  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('siem');
  await page.keyboard.press('Enter');
  const proof = page.getByRole('dialog', { name: 'Show again that it is you' });
  await proof.getByLabel('Code of the authenticator').fill(await nextCode(secret));
  await page.keyboard.press('Enter');
  await page.getByText('minar_example_secret').or(page.locator('input[readonly]')).first().waitFor();
  await done();
});

test('closing the question leaves the act undone, in words', async (t) => {
  if (!mocked) return t.skip('as above');
  const { page, done } = await visit('agency', '/keys', { lang: 'ur', width: 360, height: 720 });
  await page.getByRole('button', { name: 'تصدیقی ایپ شامل کریں' }).click();
  await page.getByRole('dialog').getByLabel('تصدیقی ایپ کا کوڈ').fill('123456');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'ختم کریں', exact: true }).click();
  await page.getByRole('button', { name: 'ہمیشہ کے لیے ختم کریں' }).click();
  const proof = page.getByRole('dialog', { name: 'دوبارہ دکھائیں کہ آپ ہی ہیں' });
  await proof.waitFor();
  if (process.env.MINAR_SHOTS) await page.screenshot({ path: `${process.env.MINAR_SHOTS}/proof-ur.png` });
  await page.keyboard.press('Escape');
  await proof.waitFor({ state: 'detached' });
  await page.getByText('Show again that it is you').first().waitFor();
  await done();
});

test('an act that waits is let happen; one\'s own is taken back', async (t) => {
  if (!mocked) return t.skip('nothing waits there');
  const { page, done } = await visit('national', '/acts');
  await page.getByText('Sana Tariq').waitFor();
  if (process.env.MINAR_SHOTS) await page.screenshot({ path: `${process.env.MINAR_SHOTS}/acts-en.png` });
  const of = (words) => page.getByRole('listitem').filter({ hasText: words });
  assert.equal(await of('Omar Zaman').getByRole('button', { name: 'Let it happen' }).count(), 0);
  await of('Sana Tariq').getByRole('button', { name: 'Let it happen' }).click();
  await page.getByText('Sana Tariq').waitFor({ state: 'detached' });
  await of('Omar Zaman').getByRole('button', { name: 'Take it back' }).click();
  await of('Their officer does not answer').getByRole('button', { name: 'Refuse' }).click();
  await page.getByText('Nothing waits for a second person').waitFor();
  await done();
});
