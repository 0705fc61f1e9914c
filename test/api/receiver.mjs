// receiver.mjs - somebody else's machine that hears of notices over HTTP, on loopback: it keeps what it was
// sent and answers as it is told. Also the gateway of an operator, a homeserver, a room.
import http from 'node:http';

/** .requests as they came: {method, path, headers, body, at}; .answer: (request, response) => void, or undefined: 204. */
export async function startReceiver() {
  const r = { requests: [], answer: undefined, open: 0, most: 0 };
  r.server = http.createServer((q, a) => {
    const parts = [];
    r.open += 1;
    r.most = Math.max(r.most, r.open);
    a.on('close', () => { r.open -= 1; });
    a.on('error', () => {});
    q.on('data', (d) => parts.push(d)).on('error', () => {}).on('end', () => {
      const it = { method: q.method, path: q.url, headers: q.headers, body: Buffer.concat(parts).toString('utf8'), at: Date.now() };
      r.requests.push(it);
      if (r.answer) r.answer(it, a);
      else a.writeHead(204).end();
    });
  });
  await new Promise((resolve) => { r.server.listen(0, '127.0.0.1', resolve); });
  r.port = r.server.address().port;
  r.url = `http://127.0.0.1:${r.port}`;
  r.stop = () => new Promise((resolve) => {
    r.server.closeAllConnections();
    r.server.close(resolve);
  });
  return r;
}

/** Answers with a status and headers. */
export const says = (status, headers = {}, body = '') => (q, a) => a.writeHead(status, headers).end(body);
