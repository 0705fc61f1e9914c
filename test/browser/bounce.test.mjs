// A person whose mail came back: the page says since when, why and what to do, and one press says that it works
// again; in both languages, at the desk and on a phone, by keyboard, without a violation of WCAG 2.2 A and AA.
// The mark is put into the server's answer on its way, so that it is the same with and without a server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, close, open, settle, visit } from './common.mjs';

const LOOKS = [{ lang: 'en', theme: 'light' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', theme: 'light', width: 360, height: 720 }, { lang: 'en', theme: 'dark', width: 360, height: 720 }];
const WORDS = { en: { why: /came back on .*: the address does not exist/, soft: /late or came back for now/, works: 'It works again' }, ur: { why: /واپس آئی: یہ پتہ موجود نہیں/, soft: /عارضی طور پر واپس آئی/, works: 'اب درست ہے' } };
const TROUBLE = { hard: 1, soft: 0, status: '5.1.1', reason: 'address', first: '2026-11-20T08:00:00Z', last: '2026-11-28T08:00:00Z' };
before(open);
after(close);

for (const look of LOOKS) {
  test(`${Object.values(look).join(' ')}: why, what to do, and that it works again`, async () => {
    const w = WORDS[look.lang], where = Object.values(look).join(' ');
    let trouble = TROUBLE, changed;
    const { page, done } = await visit('national', '/', look);
    await page.route('**/api/people?*', async (route) => {
      const a = await route.fetch(), json = await a.json();
      if (json.items?.[0] && trouble) json.items[0].mail_trouble = trouble;
      await route.fulfill({ response: a, json });
    });
    await page.route('**/api/people/*', (route) => {
      if (route.request().method() !== 'PATCH') return route.fallback();
      changed = route.request().postDataJSON();
      trouble = undefined;
      return route.fulfill({ json: { id: '00000000-0000-4000-8000-000000000001', version: 2 } });
    });
    await page.evaluate(() => { history.pushState({}, '', '/people'); dispatchEvent(new PopStateEvent('popstate')); });
    await settle(page);
    await page.locator('[role=row] a.main').first().click();
    const note = page.locator('.trouble');
    await note.waitFor();
    assert.match(await note.innerText(), w.why);
    await settle(page);
    await accessible(page, where);
    if (process.env.MINAR_SHOTS) await page.screenshot({ path: `${process.env.MINAR_SHOTS}/bounce-${where.replaceAll(' ', '-')}.png` });
    const press = note.getByRole('button', { name: w.works });
    await press.focus();
    await page.keyboard.press('Enter');
    await note.waitFor({ state: 'detached' });
    assert.deepEqual(changed, { mail_works: true });
    await done();
  });
}
