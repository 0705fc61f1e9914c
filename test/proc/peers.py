"""peers.py - what the courier talks to in courier_test.py: real SMTP servers (Debian's
python3-aiosmtpd), and web servers that behave well or badly, by path. Loopback and free ports only."""
import asyncio
import gzip
import ipaddress
import pathlib
import socket
import ssl
import subprocess
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

LAST_MODIFIED = 'Tue, 24 Nov 2026 11:24:25 GMT'


def openssl(folder, *args):
    subprocess.run(['openssl', *args], cwd=folder, check=True, capture_output=True)


def certificate(folder, name):
    """An authority and a certificate of its own for 127.0.0.1, 127.0.0.2 and localhost."""
    folder = pathlib.Path(folder)
    openssl(folder, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
            f'/CN={name} authority', '-keyout', f'{name}-ca.key', '-out', f'{name}-ca.pem')
    openssl(folder, 'req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout',
            f'{name}.key', '-out', f'{name}.csr')
    (folder / 'san').write_text('subjectAltName=IP:127.0.0.1,IP:127.0.0.2,DNS:localhost\n')
    openssl(folder, 'x509', '-req', '-in', f'{name}.csr', '-CA', f'{name}-ca.pem', '-CAkey',
            f'{name}-ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san', '-out', f'{name}.pem')
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / f'{name}.pem', folder / f'{name}.key')
    return folder / f'{name}-ca.pem', context


class Mailbox:
    """Keeps what arrives; some recipients are refused, and one kind of message."""

    def __init__(self):
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('unknown'):
            return '550 5.1.1 no such user'
        if address.startswith('later'):
            return '451 4.7.1 greylisted, come back'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        if b'X-Spam: yes' in envelope.content:
            return '554 5.7.1 spam \x1b[31mrefused'
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content, session.peer))
        return '250 2.0.0 taken'


def login(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b'minar', b'pass word')
    return AuthResult(success=good, handled=False if not good else True)


class Relay(Controller):
    """plain, starttls or tls."""

    def __init__(self, box, kind, context=None, auth=False):
        self.kind, self.context, self.auth = kind, context, auth
        super().__init__(box, hostname='127.0.0.1', port=0, ready_timeout=10,
                         ssl_context=context if kind == 'tls' else None)

    def factory(self):
        extra = {}
        if self.kind == 'starttls':
            extra = {'tls_context': self.context, 'require_starttls': True}
        if self.auth:
            extra |= {'authenticator': login, 'auth_required': True,
                      'auth_require_tls': self.kind == 'starttls'}
        return SMTP(self.handler, hostname='relay.example', data_size_limit=40 << 20, **extra)

    def _trigger_server(self):
        """Port 0 was asked for: the base class would knock at 0."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Web:
    """A web server in a thread; each path behaves in its own way."""

    def __init__(self, host, context=None, port=0):
        self.host, self.context, self.requests, self.port = host, context, [], port
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.started = threading.Event()
        self.thread.start()
        assert self.started.wait(10)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, self.host, self.port, ssl=self.context))
        self.port = server.sockets[0].getsockname()[1]
        self.started.set()
        self.loop.run_forever()

    def url(self, path, host=None, scheme=None):
        return f"{scheme or ('https' if self.context else 'http')}://{host or self.host}:{self.port}{path}"

    async def _serve(self, reader, writer):
        try:
            head = await reader.readuntil(b'\r\n\r\n')
            text = head.decode('latin-1')
            headers = {k.lower(): v for k, v in
                       (line.split(': ', 1) for line in text.split('\r\n')[1:] if ': ' in line)}
            body = await reader.readexactly(int(headers.get('content-length', 0)))
            method, target, _ = text.split('\r\n')[0].split(' ')
            self.requests.append((method, target, headers, body))
            await self._answer(writer, target, headers)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer, target, headers):
        path, _, query = target.partition('?')
        name = 'path_' + path.strip('/').replace('-', '_')
        await getattr(self, name, self.path_absent)(writer, query, headers)
        await writer.drain()

    @staticmethod
    def reply(writer, status, body=b'', **headers):
        lines = [f'HTTP/1.1 {status}', f'Content-Length: {len(body)}', 'Connection: close']
        lines += [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
        writer.write('\r\n'.join(lines).encode() + b'\r\n\r\n' + body)

    async def path_absent(self, writer, query, headers):
        self.reply(writer, '404 Not Found', b'a page that is not the content')

    async def path_ok(self, writer, query, headers):
        if headers.get('if-none-match') == '"v1"':
            self.reply(writer, '304 Not Modified', ETag='"v1"')
            return
        self.reply(writer, '200 OK', b'hello', ETag='"v1"', Last_Modified=LAST_MODIFIED,
                   Content_Type='text/csv; charset=utf-8')

    async def path_to(self, writer, query, headers):
        self.reply(writer, '302 Found', b'moved', Location=query)

    async def path_loop(self, writer, query, headers):
        self.reply(writer, '301 Moved', Location='/loop')

    async def path_big(self, writer, query, headers):
        body = bytes(range(251)) * (int(query) // 251 + 1)
        self.reply(writer, '200 OK', body[:int(query)])

    async def path_endless(self, writer, query, headers):
        writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
        for _ in range(200000):
            writer.write(b'1000\r\n' + b'x' * 4096 + b'\r\n')
            await writer.drain()

    async def path_endless_headers(self, writer, query, headers):
        writer.write(b'HTTP/1.1 200 OK\r\n')
        for i in range(200000):
            writer.write(b'X-%d: y\r\n' % i)
            await writer.drain()

    async def path_drip(self, writer, query, headers):
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
        for _ in range(300):
            writer.write(b'x')
            await writer.drain()
            await asyncio.sleep(0.1)

    async def path_drip_headers(self, writer, query, headers):
        for byte in b'HTTP/1.1 200 OK\r\nX-Slow: ' + b'y' * 300:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)

    async def path_cut(self, writer, query, headers):
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this')

    async def path_bomb(self, writer, query, headers):
        """A hundred megabytes in a hundred kilobytes, by the header that the query names."""
        body = gzip.compress(bytes(100 << 20), 9)
        writer.write(f'HTTP/1.1 200 OK\r\n{query}: gzip\r\nConnection: close\r\n\r\n'.encode() + body)

    async def path_hops(self, writer, query, headers):
        """Redirects without end, never to the same place twice."""
        self.reply(writer, '302 Found', Location=f'/hops?{int(query or 0) + 1}')

    async def path_gone(self, writer, query, headers):
        self.reply(writer, '429 Too Many', Retry_After='30')


class Silent:
    """Takes connections and never says a word."""

    def __init__(self):
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]


class Names:
    """A name server whose answers change from question to question: {name: [answers, answers, ..]}, the
    last of which stay. Port 53 of a loopback address of its own."""

    ADDRESS = '127.0.0.9'

    def __init__(self, names):
        self.names, self.asked = names, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.ADDRESS, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _answers(self, name, kind):
        self.asked.append((name, kind))
        turns = self.names.get((name, kind), [[]])
        return turns.pop(0) if len(turns) > 1 else turns[0]

    def _serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += query[at] + 1
            kind = int.from_bytes(query[at + 1:at + 3], 'big')
            found = self._answers('.'.join(labels).lower(), {1: 'A', 28: 'AAAA'}.get(kind, '?'))
            reply = query[:2] + b'\x81\x80\0\1' + len(found).to_bytes(2, 'big') + b'\0\0\0\0' + query[12:at + 5]
            for address in found:
                data = ipaddress.ip_address(address).packed
                reply += b'\xc0\x0c' + query[at + 1:at + 5] + b'\0\0\0\0' + len(data).to_bytes(2, 'big') + data
            self.socket.sendto(reply, peer)
