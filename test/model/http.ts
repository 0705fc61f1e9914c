// http.ts - as many requests as two cores give: plain HTTP/1.1 over kept connections, a connection for each
// request under way; and server-sent events as they come. Knows nothing of what is asked.
import net from 'node:net';

export interface Answer { status: number; head: string; headers: Map<string, string>; body: string }
/** A key, or a session's cookie as a page of the site itself would send it. */
const shown = (secret: string) => (secret.includes('=') ? `Cookie: ${secret}\r\nSec-Fetch-Site: same-origin\r\n` : `Authorization: Bearer ${secret}\r\n`);

type Waiting = { resolve: (a: Answer) => void; reject: (e: Error) => void };

const END = Buffer.from('\r\n\r\n');

function parseHead(text: string): { status: number; headers: Map<string, string> } {
  const lines = text.split('\r\n'), headers = new Map<string, string>();
  for (let i = 1; i < lines.length; i++) {
    const colon = lines[i].indexOf(':');
    headers.set(lines[i].slice(0, colon).toLowerCase(), lines[i].slice(colon + 1).trim());
  }
  return { status: Number(lines[0].slice(9, 12)), headers };
}

interface Body { body: string; end: number }
const whole = (b: Buffer, from: number, bytes: number): Body | null => (b.length < from + bytes ? null : { body: b.toString('utf8', from, from + bytes), end: from + bytes });

/** A body in pieces (RFC 9112, 7.1); null while the last of them is not here. */
function chunks(b: Buffer, from: number): Body | null {
  const parts: Buffer[] = [];
  for (let at = from; ;) {
    const line = b.indexOf('\r\n', at);
    if (line < 0) return null;
    const bytes = parseInt(b.toString('latin1', at, line), 16), end = line + 2 + bytes + 2;
    if (b.length < end) return null;
    if (bytes === 0) return { body: Buffer.concat(parts).toString('utf8'), end };
    parts.push(b.subarray(line + 2, line + 2 + bytes));
    at = end;
  }
}

class Connection {
  socket: net.Socket;
  waiting: Waiting | null = null;
  parts: Buffer = Buffer.alloc(0);
  gone = false;
  done: (c: Connection) => void;

  constructor(port: number, done: (c: Connection) => void) {
    this.done = done;
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (d) => this.take(d));
    this.socket.on('error', (e) => this.fail(e));
    this.socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  fail(e: Error) {
    this.gone = true;
    this.waiting?.reject(e);
    this.waiting = null;
  }

  take(d: Buffer) {
    this.parts = this.parts.length ? Buffer.concat([this.parts, d]) : d;
    const end = this.parts.indexOf(END);
    if (end < 0) return;
    const head = this.parts.toString('latin1', 0, end), { status, headers } = parseHead(head);
    if (status === 100) {
      this.parts = this.parts.subarray(end + 4);
      return;
    }
    const from = end + 4, found = headers.get('transfer-encoding') === 'chunked' ? chunks(this.parts, from) : whole(this.parts, from, Number(headers.get('content-length') ?? 0));
    if (!found) return;
    const { body } = found;
    this.parts = this.parts.subarray(found.end);
    const w = this.waiting!;
    this.waiting = null;
    if (headers.get('connection') === 'close') {
      this.gone = true;
      this.socket.destroy();
    }
    this.done(this);
    w.resolve({ status, head, headers, body });
  }
}

export class Client {
  free: Connection[] = [];
  all = new Set<Connection>();
  port: number;
  constructor(port: number) { this.port = port; }

  call(method: string, path: string, secret: string, more: { json?: unknown; headers?: Record<string, string> } = {}): Promise<Answer> {
    const body = more.json === undefined ? '' : JSON.stringify(more.json);
    let text = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${shown(secret)}`;
    for (const [k, v] of Object.entries(more.headers ?? {})) text += `${k}: ${v}\r\n`;
    if (body) text += 'Content-Type: application/json\r\n';
    if (body || method !== 'GET') text += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      let c = this.free.pop();
      while (c?.gone) c = this.free.pop();
      if (!c) this.all.add(c = new Connection(this.port, (x) => { if (!x.gone) this.free.push(x); else this.all.delete(x); }));
      c.waiting = { resolve, reject };
      c.socket.write(`${text}\r\n${body}`);
    });
  }

  close() {
    for (const c of this.all) c.socket.destroy();
  }
}

/** One open stream: what was told, in order, and when (the caller's own count of steps). */
export class Stream {
  status = 0;
  told: { subject: string; type: string; version: number; at: number }[] = [];
  over = false;
  opened = false;
  socket: net.Socket;
  text = '';
  wake: (() => void)[] = [];
  step: () => number;

  constructor(port: number, secret: string, step: () => number) {
    this.step = step;
    this.socket = net.connect({ host: '127.0.0.1', port });
    this.socket.setEncoding('utf8');
    this.socket.write(`GET /api/stream HTTP/1.1\r\nHost: localhost\r\n${shown(secret)}\r\n`);
    this.socket.on('data', (d: string) => this.take(d));
    this.socket.on('error', () => this.end());
    this.socket.on('close', () => this.end());
  }

  end() {
    this.over = true;
    this.stir();
  }

  stir() {
    for (const w of this.wake.splice(0)) w();
  }

  take(d: string) {
    this.text += d;
    if (!this.status) {
      if (!this.text.includes('\r\n\r\n')) return;
      this.status = Number(this.text.slice(9, 12));
    }
    for (let cut; (cut = this.text.indexOf('\n\n')) >= 0; this.text = this.text.slice(cut + 2)) this.block(this.text.slice(0, cut));
    this.stir();
  }

  block(text: string) {
    if (/^event: over/m.test(text)) this.over = true;
    if (/^id: /m.test(text)) this.opened = true;
    const m = /^data: (\{"id".*)$/m.exec(text);
    if (!m) return;
    const e = JSON.parse(m[1]);
    this.told.push({ subject: e.subject, type: e.type, version: e.version, at: this.step() });
  }

  /** Waits until fn is true, at most ms. */
  async until(fn: () => boolean, ms: number): Promise<boolean> {
    const late = Date.now() + ms;
    while (!fn()) {
      if (Date.now() > late) return false;
      await new Promise<void>((resolve) => {
        const t = setTimeout(resolve, 20);
        this.wake.push(() => { clearTimeout(t); resolve(); });
      });
    }
    return true;
  }

  close() {
    this.socket.destroy();
  }
}
