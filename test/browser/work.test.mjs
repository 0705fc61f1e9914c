// What people come to do: sign in, change language, acknowledge on a phone, bring in a file, make a key, see news counted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, close, mocked, open, rows, visit } from './common.mjs';

before(open);
after(close);
const only = (t) => (mocked ? false : (t.skip('needs the stand-in server'), true));

test('signing in: a wrong password says what to do, a right one leads home', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('', '/');
  await page.getByLabel('Mail address').fill('duty@cert.example');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('do not fit together').waitFor();
  await page.getByLabel('Password').fill('long enough sentence');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/queue');
  await done();
});

test('the language turns the whole page', async () => {
  const { page, done } = await visit('national', '/queue');
  await page.getByRole('button', { name: 'اردو' }).click();
  await page.waitForFunction(() => document.documentElement.dir === 'rtl' && document.documentElement.lang === 'ur');
  await page.locator('h1', { hasText: 'قطار' }).waitFor();
  const menu = await page.locator('nav.menu').boundingBox();
  assert.ok(menu.x > 600, 'the menu stands on the right');
  await page.getByRole('button', { name: 'English' }).click();
  await page.locator('h1', { hasText: 'Queue' }).waitFor();
  await done();
});

test('an agency acknowledges on a phone with one press', async (t) => {
  const { page, done } = await visit('agency', '/agency', { lang: 'ur', width: 360, height: 720 });
  const press = page.getByRole('button', { name: 'ہمیں مل گئی' });
  const before = await press.count();
  if (before === 0) { await done(); return t.skip('nothing waits to be acknowledged'); }
  const box = await press.first().boundingBox();
  assert.ok(box.height >= 44, 'a thumb can hit it');
  await press.first().click();
  await page.getByText('درج ہو گیا').waitFor();
  await page.waitForFunction((n) => [...document.querySelectorAll('button')].filter((b) => b.textContent.includes('ہمیں مل گئی')).length < n, before);
  await done();
});

test('an agency answers a finding in its notice', async (t) => {
  const { page, done } = await visit('agency', '/notices');
  if ((await rows(page).count()) === 0) { await done(); return t.skip('no notice yet'); }
  await rows(page).first().locator('a').click();
  await page.locator('section.detail article').waitFor();
  const fixed = page.getByRole('button', { name: 'Fixed' });
  if ((await fixed.count()) === 0) { await done(); return t.skip('no open finding in the newest notice'); }
  await fixed.first().click();
  await page.getByText('Your answer is recorded.').waitFor();
  await done();
});

test('a CSV is tried, its columns corrected, then imported', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('national', '/organisations/import');
  await page.locator('input[type=file]').setInputFiles({ name: 'bodies.csv', mimeType: 'text/csv', buffer: Buffer.from('key,Body\nwater,Ministry of Example Water\n') });
  await page.getByText('Nothing is changed yet.').waitFor();
  await page.getByText('This is no network.').first().waitFor();
  await page.getByLabel('Meaning of the column remarks').selectOption('province');
  await page.getByText('Nothing is changed yet.').waitFor();
  await page.getByRole('button', { name: 'Import these rows' }).click();
  await page.getByRole('link', { name: 'See the organisations' }).waitFor();
  await done();
});

test('a file of a feed shows its progress and its report', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('national', '/feeds');
  await rows(page).first().locator('a').click();
  await page.locator('section.detail input[type=file]').setInputFiles({ name: 'report.csv', mimeType: 'text/csv', buffer: Buffer.from('ip\n192.0.2.1\n') });
  await page.getByText('Reading the rows').waitFor();
  await page.getByText('4,190').waitFor();
  await done();
});

test('a fault stands at its field', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('national', '/organisations');
  await page.getByRole('button', { name: 'Add an organisation' }).click();
  await page.getByLabel('Name in English').fill('Another');
  await page.getByRole('textbox', { name: /^Key/ }).fill('water');
  await page.getByRole('dialog').getByRole('button', { name: 'Add an organisation' }).click();
  const key = page.getByRole('textbox', { name: /^Key/ });
  await page.getByText('This key is taken.').waitFor();
  assert.equal(await key.getAttribute('aria-invalid'), 'true');
  await done();
});

test('a key is shown once', async () => {
  const { page, done } = await visit('national', '/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByLabel('Name').fill('browser test');
  await page.getByRole('dialog').getByRole('button', { name: 'Make a key' }).click();
  const secret = await page.getByLabel('The key', { exact: true }).inputValue();
  assert.ok(secret.length > 10);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('browser test').first().waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await done();
});

test('news is counted and does not move rows; the full stop shows it', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('national', '/ledger');
  await page.getByText('This page hears of news').waitFor({ state: 'attached' });
  const first = await rows(page).first().textContent();
  await page.evaluate(() => Promise.all([1, 2].map(() => fetch('/mock/tell?type=feed.changed', { method: 'POST' }))));
  await page.getByRole('button', { name: '2 new' }).waitFor();
  assert.equal(await rows(page).first().textContent(), first);
  await page.keyboard.press('.');
  await page.getByRole('button', { name: '2 new' }).waitFor({ state: 'detached' });
  await page.waitForFunction((f) => document.querySelector('[data-at="0"]')?.textContent !== f, first);
  await done();
});

test('a link is a saved view', async () => {
  const { page, done } = await visit('national', '/events?last=30&matched=1');
  assert.equal(await page.getByRole('button', { name: 'Matching an indicator' }).getAttribute('aria-pressed'), 'true');
  await page.getByRole('button', { name: 'Without owner' }).click();
  await page.waitForURL((u) => u.searchParams.get('unowned') === '1' && u.searchParams.get('last') === '30');
  await page.reload();
  await page.getByRole('button', { name: 'Without owner', pressed: true }).waitFor();
  await done();
});

test('a long list draws only the rows in sight', async (t) => {
  const { page, done } = await visit('national', '/events');
  if ((await rows(page).count()) === 0) { await done(); return t.skip('no event yet'); }
  await page.locator('.rows').evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await page.waitForTimeout(600);
  const n = await rows(page).count();
  if (n < 20) { await done(); return t.skip('fewer than twenty events'); }
  assert.ok(n < 80, `${n} rows are in the document`);
  await done();
});

const ID = '00000000-0000-4000-8000-00000000ffff', WHY = 'Their officer does not answer tonight';

test('what one may not see is asked for by emergency, waits for two others, and is taken back', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('agency', `/findings/${ID}`);
  await page.getByRole('link', { name: 'Ask for it by emergency' }).click();
  const form = page.getByRole('dialog', { name: 'Ask for an opening' });
  assert.equal(await form.getByLabel('Its address or id').inputValue(), ID);
  await form.getByLabel('Its address or id').fill('the finding of yesterday');
  await form.getByLabel('Why it cannot wait').fill('short');
  await form.getByRole('button', { name: 'Ask two others' }).click();
  await form.getByText('There is no id in this.').waitFor();
  await form.getByLabel('Its address or id').fill(`https://minar.example/findings/${ID}`);
  await form.getByRole('button', { name: 'Ask two others' }).click();
  await form.getByText('Too short').waitFor();
  await form.getByLabel('Why it cannot wait').fill(WHY);
  await form.getByRole('button', { name: 'Ask two others' }).click();
  await page.getByText('It waits here for two others').waitFor();
  const mine = page.getByRole('listitem').filter({ hasText: WHY });
  await mine.getByText('0 of 2 have let it happen').waitFor();
  assert.equal(await mine.getByRole('button', { name: 'Let it happen' }).count(), 0);
  await mine.getByRole('button', { name: 'Take it back' }).click();
  await mine.waitFor({ state: 'detached' });
  await done();
});

test('its owner closes an opening with two presses, in Urdu on a phone', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('agency', '/glass?state=open', { lang: 'ur', width: 360, height: 720 });
  const line = page.getByRole('listitem').filter({ hasText: 'کس کے لیے' });
  assert.equal(await line.count(), 1, 'the address chooses the open ones');
  const press = line.getByRole('button', { name: 'بند کریں', exact: true });
  assert.ok((await press.boundingBox()).height >= 44);
  await press.click();
  await line.getByRole('button', { name: 'مستقل بند کریں' }).click();
  await page.getByText('اب اس رسائی سے کوئی نہیں پڑھ سکتا').waitFor();
  await page.getByRole('heading', { name: 'اس حالت میں کوئی رسائی نہیں' }).waitFor();
  await done();
});

test('the screen of openings says why it is empty, refused or failed', async (t) => {
  if (only(t)) return;
  const { page, done } = await visit('national', '/queue');
  for (const [status, body, words] of [[200, { items: [] }, 'Nothing was opened by emergency'], [403, { type: 'about:blank', title: 'No', status: 403, code: 'error.access.role' }, 'Your role does not include this'], [429, { type: 'about:blank', title: 'No', status: 429, code: 'x', detail: 'Too many questions.' }, 'Too many questions.']]) {
    await page.route('**/api/glass', (r) => r.fulfill({ status, contentType: status === 200 ? 'application/json' : 'application/problem+json', body: JSON.stringify(body) }));
    await page.goto(`${base}/glass`);
    await page.locator('.state').getByText(words).waitFor();
    if (status === 429) {
      await page.unroute('**/api/glass');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { name: 'What was opened' }).waitFor();
    } else await page.unroute('**/api/glass');
  }
  await done();
});

test('what the organisation must know of stands on the first page until somebody says that they know', async (t) => {
  if (only(t)) return;
  for (const [who, path] of [['agency', '/agency'], ['national', '/queue']]) {
    const { page, done } = await visit(who, path, { lang: 'ur', width: 360, height: 720 });
    const know = page.getByRole('button', { name: 'ہمیں معلوم ہے' });
    if (who === 'national') await page.getByText('جاننا ضروری').click(); // over a list it is one line that opens
    await know.first().waitFor();
    const before = await know.count();
    assert.ok((await know.first().boundingBox()).height >= 44);
    if (who === 'agency') {
      await page.getByRole('button', { name: '1 اور' }).click();
      assert.equal(await know.count(), before + 1);
    }
    const first = await page.locator('.told li').first().textContent();
    await know.first().click();
    await page.getByText('آپ کے ادارے کے لیے درج ہو گیا').waitFor();
    await page.waitForFunction((text) => ![...document.querySelectorAll('.told li')].some((l) => l.textContent === text), first);
    await done();
  }
});

test('what one may not see is said plainly', async () => {
  const { page, done } = await visit('agency', '/events/00000000-0000-4000-8000-00000000ffff');
  await page.getByRole('heading', { name: 'Nothing here that you may see' }).waitFor();
  await done();
  assert.ok(base);
});
