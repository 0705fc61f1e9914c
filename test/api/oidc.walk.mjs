// Signing in by an identity provider: against a real one (npm oidc-provider) as a browser would, and
// against a false one whose tokens are forged in every way that we could think of.
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { sleep } from './harness.mjs';
import { answerMistakes } from './schema.mjs';
import { Site, cookieOf, freePort } from './site.mjs';

const CLIENT = 'minar', SECRET = 'a secret that only the two know';
const b64 = (x) => Buffer.from(typeof x === 'string' ? x : JSON.stringify(x)).toString('base64url');
const dir = mkdtempSync(path.join(tmpdir(), 'minar-oidc-'));
writeFileSync(path.join(dir, 'secret'), `${SECRET}\n`);
after(() => rmSync(dir, { recursive: true, force: true }));
const conf = (port) => ({ oidc: { issuer: `http://127.0.0.1:${port}`, name: 'GovID', client_id: CLIENT, client_secret_file: path.join(dir, 'secret') } });

/** Which refusal a page tells, by its words. */
const WORDS = { token: 'does not hold', stranger: 'belongs to another browser', declined: 'did not let you in', unknown: 'linked to nobody here', provider: 'does not answer as it must' };
function page(text) {
  const found = Object.entries(WORDS).find(([, words]) => text.includes(words));
  return { code: found && `error.access.oidc_${found[0]}`, what: /does not hold \(([\w/]+)\)/.exec(text)?.[1] };
}

let from = 0;
/** A request from an address of its own within loopback, so that the rate by address does not end the walk. */
function ask(site, method, target, cookie) {
  from += 1;
  return new Promise((resolve, reject) => {
    const headers = { ...(cookie ? { cookie } : {}), ...(method === 'POST' ? { 'content-length': 0, origin: site.server.base } : {}) };
    http.request({ host: '127.0.0.1', port: site.port, localAddress: `127.0.${1 + (from >> 8)}.${from & 255}`, method, path: target, headers }, (r) => {
      let text = '';
      r.setEncoding('utf8').on('data', (d) => { text += d; }).on('end', () => {
        const json = (r.headers['content-type'] ?? '').includes('json') ? JSON.parse(text) : undefined;
        assert.deepEqual(answerMistakes(method, target, { status: r.statusCode, headers: r.headers, text }), [], text);
        resolve({ status: r.statusCode, headers: r.headers, text, json: json ?? page(text) });
      });
    }).on('error', reject).end();
  });
}

/** Begins; gives where the browser is to go and the cookie that it keeps. */
async function go(site, target = '/api/oidc/sign-in', session = undefined) {
  const a = await ask(site, 'POST', target, session);
  assert.equal(a.status, 200, a.text);
  assert.match(a.headers['set-cookie'][0], /^__Host-minar-oidc=[\w-]{43}; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/);
  const url = new URL(a.json.location), q = Object.fromEntries(url.searchParams);
  return { url, q, cookie: cookieOf(a) };
}
const back = (site, params, cookie) => ask(site, 'GET', `/oidc/callback?${new URLSearchParams(params)}`, cookie);
const whoIs = async (site, a) => (await site.client({ cookie: cookieOf(a) }).get('/api/session')).person.id;

describe('a real provider', () => {
  let site, server, who, port;
  before(async () => {
    port = await freePort();
    site = await Site.open({ conf: conf(port) });
    const need = createRequire(path.resolve(import.meta.dirname, '../../web/package.json'));
    const { default: Provider } = await import(pathToFileURL(need.resolve('oidc-provider')).href);
    const provider = new Provider(`http://127.0.0.1:${port}`, {
      clients: [{ client_id: CLIENT, client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post', redirect_uris: [`http://localhost:${site.port}/oidc/callback`] }],
      cookies: { keys: ['a key of this test'] },
    });
    server = http.createServer(provider.callback());
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    const org = (await site.org('MOF')).id;
    who = await site.person(org, 'focal@mof.example');
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await site?.close();
  });

  /** A browser at the provider: follows it, logs in, agrees, and stops where it is sent back to us. */
  async function browse(url, login) {
    const jar = new Map();
    let form;
    for (let i = 0; i < 12; i++) {
      const r = await fetch(url, { redirect: 'manual', method: form ? 'POST' : 'GET', body: form, headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') } });
      for (const set of r.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
        value ? jar.set(name, value) : jar.delete(name);
      }
      form = undefined;
      const to = r.headers.get('location');
      if (to) {
        const next = new URL(to, url);
        if (next.pathname === '/oidc/callback') return Object.fromEntries(next.searchParams);
        url = next;
        continue;
      }
      const page = await r.text();
      assert.equal(r.status, 200, page);
      const prompt = /name="prompt" value="(\w+)"/.exec(page)[1];
      url = new URL(/action="([^"]+)"/.exec(page)[1], url);
      form = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login, password: 'x' } : {}) });
    }
    return assert.fail('the provider never sent us back');
  }

  test('it is offered, and its account links and signs in', async () => {
    assert.deepEqual(await site.anyone().get('/api/oidc'), { name: 'GovID', linked: false });
    const link = await go(site, '/api/session/identity', who.cookie);
    const linked = await back(site, await browse(link.url, 'aisha'), link.cookie);
    assert.equal(linked.status, 303, linked.text);
    assert.equal(linked.headers.location, '/keys');
    assert.deepEqual(await who.get('/api/oidc'), { name: 'GovID', linked: true });
    const begun = await go(site);
    const a = await back(site, await browse(begun.url, 'aisha'), begun.cookie);
    assert.equal(a.status, 303, a.text);
    assert.equal(a.headers.location, '/');
    assert.equal(await whoIs(site, a), who.id);
    const types = (await who.all('/api/ledger')).map((e) => e.type);
    assert.ok(types.includes('person.identity_linked') && types.includes('person.signed_in'), types.join());
  });

  test('an account that nobody linked is nobody', async () => {
    const begun = await go(site);
    const a = await back(site, await browse(begun.url, 'stranger'), begun.cookie);
    assert.equal(a.status, 401);
    assert.equal(a.headers['set-cookie'], undefined);
  });

  test('its code counts once: what the browser brought is spent, and the code too', async () => {
    const begun = await go(site);
    const brought = await browse(begun.url, 'aisha');
    assert.equal((await back(site, brought, begun.cookie)).status, 303);
    assert.equal((await back(site, brought, begun.cookie)).status, 401);
    const other = await go(site);
    assert.equal((await back(site, { ...brought, state: other.q.state }, other.cookie)).status, 401);
  });

  test('a dangerous act asks the provider anew, and then goes on', async () => {
    const begun = await go(site);
    const session = cookieOf(await back(site, await browse(begun.url, 'aisha'), begun.cookie));
    const client = site.client({ cookie: session });
    const draft = { json: { name: 'k', access: 'read' } };
    assert.equal((await client.call('POST', '/api/keys', draft)).status, 403);
    const prove = await go(site, '/api/session/identity/proof', session);
    assert.deepEqual([prove.q.prompt, prove.q.max_age], ['login', '0']);
    assert.equal((await back(site, await browse(prove.url, 'aisha'), prove.cookie)).status, 303);
    assert.equal((await client.call('POST', '/api/keys', draft)).status, 201);
  });

  test('the link is ended, and with it the way in', async () => {
    await who.ok('DELETE', '/api/session/identity');
    assert.equal((await who.call('DELETE', '/api/session/identity')).status, 404);
    const begun = await go(site);
    assert.equal((await back(site, await browse(begun.url, 'aisha'), begun.cookie)).status, 401);
  });
});

describe('a false provider', () => {
  let site, server, issuer, who, other, org, keys, asked, answer, about;
  const fresh = (kid, type = 'rsa') => ({ kid, type, ...(type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })) });
  const jwk = (k) => ({ ...k.publicKey.export({ format: 'jwk' }), kid: k.kid, use: 'sig' });

  function serve(q, r) {
    let body = '';
    q.setEncoding('utf8').on('data', (d) => { body += d; }).on('end', () => {
      const route = new URL(q.url, issuer).pathname;
      asked.push({ route, form: Object.fromEntries(new URLSearchParams(body)) });
      const send = (status, json, headers = {}) => r.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
      if (route === '/.well-known/openid-configuration') return send(200, about);
      if (route === '/jwks') return send(200, { keys: keys.map(jwk) });
      if (route === '/token') return send(...answer());
      return send(404, {});
    });
  }

  before(async () => {
    const port = await freePort();
    issuer = `http://127.0.0.1:${port}`;
    about = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, token_endpoint_auth_methods_supported: ['client_secret_post'], authorization_response_iss_parameter_supported: true };
    keys = [fresh('a'), fresh('e', 'ec')];
    asked = [];
    server = http.createServer(serve);
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    site = await Site.open({ conf: conf(port) });
    org = (await site.org('MOF')).id;
    who = await site.person(org, 'focal@mof.example');
    other = await site.person(org, 'other@mof.example');
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await site?.close();
  });

  const now = () => Math.floor(Date.now() / 1000);
  const claims = (q, more = {}) => ({ iss: issuer, sub: 'u-1', aud: CLIENT, nonce: q.nonce, iat: now(), exp: now() + 300, auth_time: now(), ...more });
  function signed(payload, { key = keys[0], head = {}, alg = key.type === 'rsa' ? 'RS256' : 'ES256' } = {}) {
    const text = `${b64({ alg, kid: key.kid, ...head })}.${b64(payload)}`;
    return `${text}.${sign('sha256', Buffer.from(text), key.type === 'rsa' ? key.privateKey : { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
  const gives = (id_token) => { answer = () => [200, { access_token: 'x', token_type: 'Bearer', id_token }]; };

  /** Begins, lets the provider answer with the token that make gives, and comes back. */
  async function walk(make, { target, session, params = {} } = {}) {
    const begun = await go(site, target, session);
    gives(make(begun.q));
    return back(site, { code: 'c-1', state: begun.q.state, iss: issuer, ...params }, begun.cookie);
  }
  const signIn = (make, params) => walk(make, { params });
  const wrong = (a, what) => {
    assert.equal(a.status, 401, `${what}: ${a.text}`);
    assert.equal(a.json.code, 'error.access.oidc_token', `${what}: ${a.text}`);
    assert.equal(a.headers['set-cookie'], undefined, what);
    return a.json.what;
  };
  const good = (q) => signed(claims(q));

  test('linked from a signed-in session, it signs in; the request is as it must be', async () => {
    assert.equal((await ask(site, 'POST', '/api/session/identity')).status, 401, 'a page without a session');
    assert.equal((await walk(good, { target: '/api/session/identity', session: who.cookie })).status, 303);
    const begun = await go(site);
    assert.equal(begun.url.origin + begun.url.pathname, `${issuer}/authorize`);
    assert.deepEqual([begun.q.response_type, begun.q.scope, begun.q.client_id, begun.q.code_challenge_method, begun.q.redirect_uri], ['code', 'openid', CLIENT, 'S256', `http://localhost:${site.port}/oidc/callback`]);
    gives(good(begun.q));
    asked.length = 0;
    const a = await back(site, { code: 'c-2', state: begun.q.state, iss: issuer }, begun.cookie);
    assert.equal(await whoIs(site, a), who.id);
    const { form } = asked.find((x) => x.route === '/token');
    assert.equal(createHash('sha256').update(form.code_verifier).digest('base64url'), begun.q.code_challenge);
    assert.deepEqual([form.code, form.client_secret, form.grant_type], ['c-2', SECRET, 'authorization_code']);
  });

  test('an elliptic key and PS256 serve as well', async () => {
    assert.equal((await signIn((q) => signed(claims(q), { key: keys[1] }))).status, 303);
    const { privateKey, kid } = keys[0];
    assert.equal((await signIn((q) => {
      const text = `${b64({ alg: 'PS256', kid })}.${b64(claims(q))}`;
      return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, padding: 6, saltLength: 32 }).toString('base64url')}`;
    })).status, 303);
  });

  test('a mail address takes over no account, nor does a name', async () => {
    const a = await signIn((q) => signed(claims(q, { sub: 'u-thief', email: who.mail, email_verified: true, preferred_username: who.mail })));
    assert.equal(a.status, 401);
    assert.equal(a.json.code, 'error.access.oidc_unknown');
  });

  test('one account, one person', async () => {
    const taken = await walk(good, { target: '/api/session/identity', session: other.cookie });
    assert.equal(taken.status, 409, taken.text);
    assert.equal((await walk((q) => signed(claims(q, { sub: 'u-2' })), { target: '/api/session/identity', session: who.cookie })).status, 409, 'and one person, one account');
  });

  test('claims that do not hold', async () => {
    const cases = { iss: { iss: `${issuer}/` }, aud: { aud: 'somebody-else' }, 'aud absent': { aud: undefined }, 'many aud without azp': { aud: [CLIENT, 'x'] }, azp: { azp: 'x' }, exp: { exp: now() - 61 }, 'exp absent': { exp: undefined }, 'exp as text': { exp: String(now() + 300) }, 'iat later': { iat: now() + 300 }, 'iat of long ago': { iat: now() - 7200 }, nbf: { nbf: now() + 300 }, nonce: { nonce: 'x' }, 'nonce absent': { nonce: undefined }, sub: { sub: undefined }, 'sub empty': { sub: '' }, 'sub long': { sub: 'x'.repeat(256) }, 'auth_time later': { auth_time: now() + 300 } };
    for (const [what, more] of Object.entries(cases)) assert.equal(wrong(await signIn((q) => signed(claims(q, more))), what), what === 'many aud without azp' ? 'azp' : what.split(' ')[0], 'refused for that very claim');
    assert.equal((await signIn((q) => signed(claims(q, { aud: [CLIENT, 'x'], azp: CLIENT })))).status, 303, 'many, and we are meant');
  });

  test('signatures that do not hold', async () => {
    const pem = keys[0].publicKey.export({ type: 'spki', format: 'pem' });
    const hmac = (secret) => (q) => {
      const text = `${b64({ alg: 'HS256', kid: 'a' })}.${b64(claims(q))}`;
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    };
    const thief = fresh('a');
    const weak = { kid: 'w', type: 'rsa', ...generateKeyPairSync('rsa', { modulusLength: 1024 }) };
    const cases = {
      'alg none': (q) => `${b64({ alg: 'none' })}.${b64(claims(q))}.`,
      'alg None': (q) => `${b64({ alg: 'None', kid: 'a' })}.${b64(claims(q))}.`,
      'HS256 with the public key': hmac(pem),
      'HS256 with our secret': hmac(SECRET),
      'another key of that name': (q) => signed(claims(q), { key: thief }),
      'its own key in the head': (q) => signed(claims(q), { key: thief, head: { kid: 'a', jwk: jwk(thief) } }),
      'RS256 named for an elliptic key': (q) => signed(claims(q), { key: keys[1], alg: 'RS256' }),
      crit: (q) => signed(claims(q), { head: { crit: ['b64'], b64: false } }),
      'changed after signing': (q) => signed(claims(q, { sub: 'u-x' })).split('.').map((p, i) => (i === 1 ? b64(claims(q)) : p)).join('.'),
      'no signature': (q) => `${signed(claims(q)).split('.').slice(0, 2).join('.')}.`,
      'alg twice': (q) => {
        const text = `${b64('{"alg":"none","alg":"RS256","kid":"a"}')}.${b64(claims(q))}`;
        return `${text}.${sign('sha256', Buffer.from(text), keys[0].privateKey).toString('base64url')}`;
      },
      'a claim twice': (q) => {
        const text = `${b64({ alg: 'RS256', kid: 'a' })}.${b64(JSON.stringify(claims(q, { sub: 'x' })).replace('"sub"', '"sub":"u-1","sub"'))}`;
        return `${text}.${sign('sha256', Buffer.from(text), keys[0].privateKey).toString('base64url')}`;
      },
      'too long': (q) => signed(claims(q, { more: 'x'.repeat(20000) })),
      'nothing': () => undefined,
      'no token': () => 'a.b.c',
      'in four parts': (q) => `${signed(claims(q))}.x`,
    };
    for (const [what, make] of Object.entries(cases)) wrong(await signIn(make), what);
    keys.push(weak);
    await sleep(10500); // until an unknown key may be asked for anew
    wrong(await signIn((q) => signed(claims(q), { key: weak })), 'a key of 1,024 bits');
    keys.pop();
  });

  test('state, browser and issuer: whose answer it is', async () => {
    const begun = await go(site), begunElsewhere = await go(site);
    gives(good(begun.q));
    const params = { code: 'c', state: begun.q.state, iss: issuer };
    asked.length = 0;
    for (const [what, p, cookie] of [['no cookie', params, undefined], ['another browser', params, begunElsewhere.cookie], ['another state', { ...params, state: 'x'.repeat(43) }, begun.cookie], ['no state', { code: 'c', iss: issuer }, begun.cookie]]) {
      const a = await back(site, p, cookie);
      assert.equal(a.status, 401, what);
      assert.equal(a.json.code, 'error.access.oidc_stranger', what);
    }
    assert.deepEqual(asked, [], 'the provider is not asked for any of them');
    assert.equal((await back(site, params, begun.cookie)).status, 303, "the right browser's is still good");
    const again = await back(site, params, begun.cookie);
    assert.equal(again.json.code, 'error.access.oidc_stranger', 'once');
    for (const iss of ['https://evil.example', '']) wrong(await signIn(good, { iss }), `iss ${iss}`);
    assert.equal((await signIn(good, { error: 'access_denied' })).json.code, 'error.access.oidc_declined');
  });

  test('nowhere else: what the browser brings does not say where it goes', async () => {
    const a = await signIn(good, { scope: 'openid', session_state: 'x' });
    assert.equal(a.headers.location, '/');
    const begun = await go(site);
    const more = await back(site, { code: 'c', state: begun.q.state, iss: issuer, redirect: 'https://evil.example' }, begun.cookie);
    assert.equal(more.status, 422);
  });

  test('a page of another site begins nothing', async () => {
    const r = await fetch(`${site.server.base}/api/oidc/sign-in`, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } });
    assert.equal(r.status, 403);
  });

  test('the session that asked to link must still be there', async () => {
    const leaving = site.client({ cookie: cookieOf(await site.anyone().call('POST', '/api/session', { json: { mail: other.mail, password: other.password } })) });
    const begun = await go(site, '/api/session/identity', leaving.cookie);
    gives(signed(claims(begun.q, { sub: 'u-3' })));
    await leaving.ok('DELETE', '/api/session');
    assert.equal((await back(site, { code: 'c', state: begun.q.state, iss: issuer }, begun.cookie)).status, 401);
    assert.equal((await signIn((q) => signed(claims(q, { sub: 'u-3' })))).json.code, 'error.access.oidc_unknown');
  });

  test('proof: of now, and of the same account', async () => {
    const session = cookieOf(await signIn(good));
    const client = site.client({ cookie: session });
    const prove = (more) => walk((q) => signed(claims(q, more)), { target: '/api/session/identity/proof', session });
    for (const more of [{ auth_time: now() - 120 }, { auth_time: undefined }]) wrong(await prove(more), JSON.stringify(more));
    assert.equal((await prove({ sub: 'u-9' })).status, 401);
    assert.equal((await client.call('POST', '/api/keys', { json: { name: 'k', access: 'read' } })).status, 403);
    assert.equal((await prove({})).status, 303);
    assert.equal((await client.call('POST', '/api/keys', { json: { name: 'k', access: 'read' } })).status, 201);
  });

  test('keys change: a fresh one is fetched, and tokens with unknown ones do not make us ask for each', async () => {
    await sleep(10500);
    keys.unshift(fresh('b'));
    assert.equal((await signIn(good)).status, 303);
    asked.length = 0;
    const unknown = fresh('nobody-knows');
    for (let i = 0; i < 5; i++) wrong(await signIn((q) => signed(claims(q), { key: unknown })), 'kid');
    assert.equal(asked.filter((x) => x.route === '/jwks').length, 0);
  });

  test('a provider that refuses, fails, redirects or talks nonsense', async () => {
    for (const [status, reply, headers] of [[400, { error: 'invalid_grant' }], [500, {}], [302, {}, { location: `${issuer}/elsewhere` }], [200, 'no object'], [200, { id_token: 7 }]]) {
      const begun = await go(site);
      answer = () => [status, reply, headers];
      const a = await back(site, { code: 'c', state: begun.q.state, iss: issuer }, begun.cookie);
      assert.ok([401, 502].includes(a.status), `${status}: ${a.text}`);
      assert.equal(a.headers['set-cookie'], undefined);
    }
    assert.ok(!asked.some((x) => x.route === '/elsewhere'));
  });

  test('a disabled person does not come in; who has no other way keeps the link', async () => {
    await site.desk.call('GET', '/api/session');
    const founder = await site.enter((await site.desk.ok('POST', '/api/session/link')).link);
    assert.equal((await walk((q) => signed(claims(q, { sub: 'u-founder' })), { target: '/api/session/identity', session: founder.cookie })).status, 303);
    const last = await founder.call('DELETE', '/api/session/identity');
    assert.equal(last.status, 409);
    assert.equal(last.json.code, 'error.access.identity_last');
    const at = (await site.desk.call('GET', `/api/people/${who.id}`)).headers.etag;
    await site.desk.ok('PATCH', `/api/people/${who.id}`, { json: { state: 'disabled' }, ifMatch: at });
    assert.equal((await signIn(good)).status, 401);
  });
});

test('settings that cannot be meant do not start', async () => {
  for (const oidc of [{ issuer: 'http://id.example', client_id: 'x' }, { issuer: 'https://id.example' }, { issuer: 'https://id.example', client_id: 'x', client_secret_file: '/nowhere' }]) {
    const s = await Site.open({ founded: false, serve: false, conf: { oidc } });
    assert.notEqual((await s.cli(['init'])).code, 0, JSON.stringify(oidc));
    await s.close();
  }
});
