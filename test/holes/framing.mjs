// framing.mjs - requests on which two readers could disagree, after RFC 9110 and 9112: each with its section. All are
// refused (4xx, 501, 505) or the connection is closed without an answer; none is carried out, and what stands
// behind them is never read as a request of its own.
const HOST = 'Host: x\r\n', TYPE = 'Content-Type: application/json\r\n';
export const BODY = '{"key":"SMUGGLED","name_en":"x","kind":"bank"}';
const HEX = BODY.length.toString(16), N = BODY.length, CHUNKS = `${HEX}\r\n${BODY}\r\n0\r\n\r\n`, TE = 'Transfer-Encoding: chunked\r\n';
const get = (more = '', target = '/healthz', version = 'HTTP/1.1', host = HOST) => `GET ${target} ${version}\r\n${host}${more}\r\n`;
const post = (key) => (more, body = BODY) => `POST /api/organisations HTTP/1.1\r\n${HOST}Authorization: Bearer ${key}\r\n${TYPE}${more}\r\n${body}`;
const length = (value) => `Content-Length:${value}\r\n`;

const lines = () => [
  ['9112 2.2 bare LF ends every line', 'GET /healthz HTTP/1.1\nHost: x\n\n'], ['9112 2.2 bare LF after the request line', 'GET /healthz HTTP/1.1\nHost: x\r\n\r\n'],
  ['9112 2.2 bare LF after a field', 'GET /healthz HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n'], ['9112 2.2 bare LF as the empty line', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\n'],
  ['9112 2.2 CR CR LF', 'GET /healthz HTTP/1.1\r\r\nHost: x\r\n\r\n'], ['9112 2.2 LF CR', 'GET /healthz HTTP/1.1\n\rHost: x\n\r\n\r'], ['9112 2.2 bare CR between fields', 'GET /healthz HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n'],
  ['9112 2.2 bare CR in the request line', 'GET /health\rz HTTP/1.1\r\nHost: x\r\n\r\n'], ['9112 2.2 white space before the first field', `GET /healthz HTTP/1.1\r\n ${HOST}\r\n`], ['9112 2.2 a tab before the first field', `GET /healthz HTTP/1.1\r\n\t${HOST}\r\n`],
  ['9112 3 a space before the method', ` ${get()}`], ['9112 3 a tab before the method', `\t${get()}`], ['9112 3 two spaces after the method', `GET  /healthz HTTP/1.1\r\n${HOST}\r\n`], ['9112 3 two spaces before the version', `GET /healthz  HTTP/1.1\r\n${HOST}\r\n`],
  ['9112 3 a tab as separator', `GET\t/healthz\tHTTP/1.1\r\n${HOST}\r\n`], ['9112 3 a vertical tab as separator', `GET\x0b/healthz HTTP/1.1\r\n${HOST}\r\n`], ['9112 3 a form feed as separator', `GET\x0c/healthz HTTP/1.1\r\n${HOST}\r\n`], ['9112 3 a space behind the version', `GET /healthz HTTP/1.1 \r\n${HOST}\r\n`],
  ['9112 3 a fourth word', `GET /healthz HTTP/1.1 x\r\n${HOST}\r\n`], ['9112 3 no target', `GET HTTP/1.1\r\n${HOST}\r\n`], ['9112 3 a method alone', `GET\r\n${HOST}\r\n`], ['0.9 a simple request', 'GET /healthz\r\n'], ['0.9 with fields', `GET /healthz\r\n${HOST}\r\n`],
];
const methods = () => [
  ['9110 9.1 a method with a colon', `GE:T /healthz HTTP/1.1\r\n${HOST}\r\n`], ['9110 9.1 with an at sign', `G@T /healthz HTTP/1.1\r\n${HOST}\r\n`], ['9110 9.1 with a NUL', `GE\0T /healthz HTTP/1.1\r\n${HOST}\r\n`], ['9110 9.1 empty', ` /healthz HTTP/1.1\r\n${HOST}\r\n`], ['9110 9.3.6 CONNECT', `CONNECT x:443 HTTP/1.1\r\n${HOST}\r\n`],
  ['9110 9.3.7 OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
];
const targets = () => [
  ['9112 3.2 no slash', get('', 'healthz')], ['9112 3.2 asterisk for GET', get('', '*')], ['9112 3.2 authority for GET', get('', 'x:80')], ['9112 3.2 a fragment', get('', '/healthz#a')], ['9112 3.2 a space', get('', '/health z')], ['9112 3.2 a backslash', get('', '/health\\z')],
  ['9112 3.2 a byte above 127', get('', '/healthz\xff')], ['9112 3.2 a NUL', get('', '/healthz\0')], ['9112 3.2 a control character', get('', '/healthz\x07')], ['9112 3.2 DEL', get('', '/healthz\x7f')], ['9112 3.2 an opening angle', get('', '/<healthz')], ['9112 3.2 a quote', get('', '/"healthz')],
  ['9112 3.2.2 a scheme that is none of ours', get('', 'ftp://x/healthz')], ['9112 3.2.2 userinfo', get('', 'http://a:b@x/healthz')], ['9112 3.2.2 no host', get('', 'http:///healthz')],
  ['9110 4.1 9 KiB of address', get('', `/healthz?${'a'.repeat(9000)}`)], ['9110 4.1 64 KiB of address', get('', `/${'a'.repeat(65536)}`)],
];
const versions = () => ['HTTP/0.9', 'HTTP/1.2', 'HTTP/1.10', 'HTTP/01.1', 'HTTP/1.01', 'HTTP/2.0', 'HTTP/3', 'HTTP/1', 'HTTP/1.', 'HTTP/.1', 'HTTP/1.1.1', 'HTTP/1,1', 'HTTP /1.1', 'http/1.1', 'HTTPS/1.1', 'HTTP/1.1x', 'HTTP/+1.1', 'HTTP/\u0661.1', 'XTTP/1.1', 'HTTP/99999999999.1'].map((v) => [`9112 2.3 version ${v}`, get('', '/healthz', v)]);
const hosts = () => [['9112 3.2 no Host', get('', '/healthz', 'HTTP/1.1', '')], ['two Hosts', get(HOST)], ['two Hosts that differ', get('Host: y\r\n')], ['an empty Host', get('', '/healthz', 'HTTP/1.1', 'Host:\r\n')], ['Host with a path', get('', '/healthz', 'HTTP/1.1', 'Host: x/y\r\n')], ['Host with userinfo', get('', '/healthz', 'HTTP/1.1', 'Host: a@x\r\n')],
  ['Host with a space', get('', '/healthz', 'HTTP/1.1', 'Host: x y\r\n')], ['Host with a comma', get('', '/healthz', 'HTTP/1.1', 'Host: x,y\r\n')], ['Host of two lines', get('', '/healthz', 'HTTP/1.1', 'Host: x\r\n y\r\n')], ['Host with a NUL', get('', '/healthz', 'HTTP/1.1', 'Host: x\0y\r\n')], ['Host with a bad port', get('', '/healthz', 'HTTP/1.1', 'Host: x:8o\r\n')]].map(([n, b]) => [`9110 7.2 ${n}`, b]);
const fields = () => [
  ['9112 5.1 a space before the colon', get('X-A : b\r\n')], ['9112 5.1 a tab before the colon', get('X-A\t: b\r\n')], ['9112 5.2 folded by a space', get('X-A: b\r\n c\r\n')], ['9112 5.2 folded by a tab', get('X-A: b\r\n\tc\r\n')], ['9112 5.2 folded to nothing', get('X-A: b\r\n \r\n')], ['9112 5 no colon', get('X-A b\r\n')], ['9112 5 no name', get(': b\r\n')],
  ['9110 5.1 a space within the name', get('X A: b\r\n')], ['9110 5.1 a parenthesis in the name', get('X(A: b\r\n')], ['9110 5.1 a slash in the name', get('X/A: b\r\n')], ['9110 5.1 a quote in the name', get('"X": b\r\n')], ['9110 5.1 a byte above 127 in the name', get('X\xe9: b\r\n')], ['9110 5.1 a NUL in the name', get('X\0A: b\r\n')], ['9110 5.1 a control character in the name', get('X\x01A: b\r\n')],
  ['9110 5.5 a NUL in the value', get('X-A: b\0c\r\n')], ['9110 5.5 a bare CR in the value', get('X-A: b\rc\r\n')], ['9110 5.5 a control character in the value', get('X-A: b\x08c\r\n')], ['9110 5.5 DEL in the value', get('X-A: b\x7fc\r\n')], ['9110 5.4 17 KiB of one field', get(`X-A: ${'a'.repeat(17000)}\r\n`)], ['9110 5.4 150 fields', get(Array.from({ length: 150 }, (_, i) => `X-${i}: v\r\n`).join(''))],
  ['9110 11.6.2 two Authorizations', get('Authorization: Bearer a\r\nAuthorization: Bearer b\r\n')], ['9110 10.1.1 an unknown expectation', get('Expect: 200-maybe\r\n')],
];
const lengths = (p) => [
  ...[' 12, 12', ` ${N}, ${N}`, ' -1', ` +${N}`, ` 0x${HEX}`, ` ${N}x`, ` ${N} 0`, '', ' ', ` ${N}.0`, ` ${N}e0`, ` "${N}"`, ' 18446744073709551616', ` 1844674407370955${N}`, ' 99999999999999999999999999', ` ${N};a`, ` \u0664${N}`, ` ,${N}`, ` ${N},`, ` ${N}\x0b`, ' NaN', ' _1', ' 1_0'].map((v) => [`9112 6.3 length${v || ' of nothing'}`, p(length(v))]),
  ['9112 6.3 two lengths that differ', p(length(` ${N}`) + length(' 0'))], ['9112 6.3 two that agree', p(length(` ${N}`) + length(` ${N}`))], ['9112 6.3 a length before and one behind', p(`${length(' 0')}X-A: b\r\n${length(` ${N}`)}`)], ['9112 5.1 a space before its colon', p(`Content-Length : ${N}\r\n`)], ['9112 5.2 folded length', p(`Content-Length:\r\n ${N}\r\n`)],
];
const codings = (p) => [
  ['9112 6.1 length and chunked', p(length(` ${N}`) + TE, CHUNKS)], ['9112 6.1 chunked and length', p(TE + length(` ${N}`), CHUNKS)], ['9112 6.1 length 0 and chunked', p(length(' 0') + TE, CHUNKS)], ['9112 6.1 on HTTP/1.0', p(TE, CHUNKS).replace('HTTP/1.1', 'HTTP/1.0')],
  ...['identity', 'gzip', 'gzip, chunked', 'chunked, gzip', 'chunked, identity', 'chunked, chunked', 'identity, chunked', 'xchunked', 'chunkedx', '"chunked"', 'chunked;q=1', ',chunked', 'chunked,', 'x', '', 'chun\tked', '\x0bchunked', 'chunked\x0b', 'chunked\0', 'cow', 'ch\u212Aunked', '[chunked]'].map((v) => [`9112 6.1 coding ${v || 'of nothing'}`, p(`Transfer-Encoding: ${v}\r\n`, CHUNKS)]),
  ['9112 6.1 chunked twice', p(TE + TE, CHUNKS)], ['9112 6.1 chunked, then identity in a field of its own', p(`${TE}Transfer-Encoding: identity\r\n`, CHUNKS)], ['9112 5.1 a space before its colon', p('Transfer-Encoding : chunked\r\n', CHUNKS)], ['9112 5.2 folded', p('Transfer-Encoding:\r\n chunked\r\n', CHUNKS)],
  ['9112 5.2 folded with a length', p(`${length(` ${N}`)}Transfer-Encoding:\r\n chunked\r\n`, CHUNKS)], ['hidden by a bare CR', p(`X-A: b\rTransfer-Encoding: chunked\r\n${length(` ${N}`)}`)], ['hidden by a bare LF', p(`${length(` ${N}`)}X-A: b\nTransfer-Encoding: chunked\r\n`, CHUNKS)],
];
const chunks = (p) => [
  ...['g', '0x1', '-1', '+1', ' 1', '1 ', '', '1.0', '1;', '1;a', `${HEX}\x0b`, 'ffffffffffffffff1', '10000000000000000', `00000000000000000000000000000${HEX}0`].filter((s) => !['1;', '1;a'].includes(s)).map((s) => [`9112 7.1 chunk size ${JSON.stringify(s)}`, p(TE, `${s}\r\n${BODY}\r\n0\r\n\r\n`)]),
  ['9112 7.1 a chunk longer than its size', p(TE, `4\r\n${BODY}\r\n0\r\n\r\n`)], ['9112 7.1 a chunk shorter than its size', p(TE, `ff\r\n${BODY}\r\n0\r\n\r\n`)], ['9112 7.1 bare CR after the size', p(TE, `${HEX}\r${BODY}\r\n0\r\n\r\n`)],
  ['9112 7.1 no line end after the data', p(TE, `${HEX}\r\n${BODY}0\r\n\r\n`)], ['9112 7.1.2 a trailer without a colon', p(TE, `${HEX}\r\n${BODY}\r\n0\r\nX-A\r\n\r\n`)], ['9112 7.1.1 a line break within an extension', p(TE, `${HEX};a\n\r\n${BODY}\r\n0\r\n\r\n`)],
];
const others = () => [
  ['a body on GET', `${get('Content-Length: 5\r\n')}hello`], ['a chunked body on GET', `${get(TE)}0\r\n\r\n`], ['a body on HEAD', `HEAD /healthz HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`], ['a hidden request as the body of a GET', `${get('Content-Length: 40\r\n')}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`],
  ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], ['TLS on a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], ['a proxy\'s preface', `PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n${get()}`], ['noise', 'kjhdsf\x00\x01\x02\r\n\r\n'], ['a byte order mark', `\xef\xbb\xbf${get()}`],
  ['an upgrade to h2c with a body', get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 3\r\n') + 'abc'],
];

/** Well formed, and wrong: refused by themselves, and the next request on the connection is one of its own. */
export const WRONG = [
  ['a method in lower case', `get /healthz HTTP/1.1\r\n${HOST}\r\n`], ['an unknown method', `BREW /healthz HTTP/1.1\r\n${HOST}\r\n`], ['a very long method', `${'G'.repeat(4000)} /healthz HTTP/1.1\r\n${HOST}\r\n`], ['TRACE', `TRACE /healthz HTTP/1.1\r\n${HOST}\r\n`],
  ['PROPFIND', `PROPFIND / HTTP/1.1\r\n${HOST}Depth: 1\r\n\r\n`], ['PURGE', `PURGE / HTTP/1.1\r\n${HOST}\r\n`], ['a bad escape', get('', '/healthz%zz')], ['half an escape', get('', '/healthz%4')], ['an escaped NUL', get('', '/healthz%00')], ['a host of its own in absolute form', get('', 'http://other.example/nothing')],
];

/** What the library takes within a chunked body without showing it: extensions, which RFC 9112 section 7.1.1 has ignored, a
    bare LF as the end of a chunk's lines, a folded trailer. It is why the connection ends behind every chunked body: whatever
    a reader in front of us made of it, nothing behind is read. */
export const PASSED_OVER = (key) => [...['\0', 'a="', 'a="\0', '='].map((extension) => `${HEX};${extension}\r\n${BODY}\r\n0\r\n\r\n`), `${HEX}\n${BODY}\r\n0\r\n\r\n`, `${HEX}\r\n${BODY}\n0\r\n\r\n`, `${HEX}\r\n${BODY}\r\n0\r\nX-A: b\r\n c\r\n\r\n`, `${HEX}\r\n${BODY}\r\n0\n\n`]
  .map((chunks, i) => post(key)(TE, chunks).replaceAll('SMUGGLED', `PASSED0${i}`));

/** [name, bytes] of all of them; key: a write key, so that whatever is carried out would leave a mark. */
export function probes(key) {
  const p = post(key);
  return [...lines(), ...methods(), ...targets(), ...versions(), ...hosts(), ...fields(), ...lengths(p), ...codings(p), ...chunks(p), ...others()];
}

export const BEHIND = (key) => `POST /api/organisations HTTP/1.1\r\n${HOST}Authorization: Bearer ${key}\r\n${TYPE}Content-Length: ${N}\r\n\r\n${BODY}`;
