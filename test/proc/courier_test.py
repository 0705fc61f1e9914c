"""courier_test.py PROGRAM - supervisor, courier and their channel against real peers.
PROGRAM is courier_drive. Loopback and free ports only; what it starts it stops by its own pid."""
import ipaddress
import json
import os
import pathlib
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

try:
    import peers
except ModuleNotFoundError as e:
    print(f'skipped: {e}; install python3-aiosmtpd (tools/packages/test.txt)')
    sys.exit(77)

NAMED, CONFIGURED = 0, 1
PLAIN, STARTTLS, TLS = 0, 1, 2
SLOW = -1  # as stop_after: a pause after each part
PROGRAM = sys.argv[1]
ADDRESSES = pathlib.Path(__file__).parents[2] / 'data' / 'addresses.json'
MESSAGE = b'From: a@minar.example\r\nSubject: x\r\n\r\nline\r\n.\r\n..two\r\nend\r\n'


class Minar:
    wrap = []  # a program that starts it elsewhere

    def __init__(self, *args):
        self.process = subprocess.Popen([*self.wrap, PROGRAM, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, bufsize=1)
        self.answers, self.marks, self.log, self.number = {}, queue.Queue(), [], 0
        self.changed = threading.Condition()
        threading.Thread(target=self._read_log, daemon=True).start()
        threading.Thread(target=self._read_answers, daemon=True).start()

    def _read_log(self):
        for line in self.process.stderr:
            with self.changed:
                self.log.append((time.monotonic(), line))
                self.changed.notify_all()

    def _read_answers(self):
        for line in self.process.stdout:
            fields = line.rstrip('\n').split('\t')
            with self.changed:
                if len(fields) == 1:
                    self.marks.put(fields[0])
                self.answers[fields[0]] = fields[1:]
                self.changed.notify_all()

    def wait(self, condition, seconds=20):
        end = time.monotonic() + seconds
        with self.changed:
            while not (value := condition()):
                if not self.changed.wait(end - time.monotonic()) and time.monotonic() >= end:
                    raise AssertionError('waited in vain; log:\n' + ''.join(l for _, l in self.log[-20:]))
            return value

    def linked(self):
        assert self.marks.get(timeout=20) == 'linked'

    def seen(self, pattern, after=0.0):
        found = [(t, m) for t, line in self.log if t > after and (m := re.search(pattern, line))]
        return found[-1] if found else None

    def pid(self, kind):
        return int(self.wait(lambda: self.seen(rf'what=proc.start kind={kind} pid=(\d+)'))[1][1])

    def ask(self, *fields):
        self.number += 1
        number = str(self.number)
        self.process.stdin.write('\t'.join([fields[0], number, *map(str, fields[1:])]) + '\n')
        self.process.stdin.flush()
        return number

    def answer(self, number, seconds=20):
        return self.wait(lambda: self.answers.get(number), seconds)

    def mail(self, port, to='ok@bank.example', security=PLAIN, file='', kind=CONFIGURED, user='',
             password='', deadline=5000, host='127.0.0.1'):
        return self.ask('mail', kind, host, port, security, user, password, 'cert@minar.example', to, file,
                        deadline)

    def fetch(self, url, kind=NAMED, method='GET', most=1 << 20, deadline=10000, etag='', stop=0, header=''):
        return self.ask('fetch', kind, url, method, most, deadline, etag, stop, header)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        assert not self.seen('Sanitizer|runtime error|assertion failed'), ''.join(l for _, l in self.log)


def checksum(body):
    total = 0
    for byte in body:
        total = (total * 31 + byte) & (2 ** 64 - 1)
    return total


def setUpModule():
    global folder, box, relay, relay_tls, relay_starttls, relay_strange, web, inner, secure, silent, minar, ca
    folder = pathlib.Path(tempfile.mkdtemp())
    ca, context = peers.certificate(folder, 'good')
    _, strange = peers.certificate(folder, 'strange')
    box = peers.Mailbox()
    relay = peers.Relay(box, 'plain')
    relay_tls = peers.Relay(box, 'tls', context)
    relay_starttls = peers.Relay(box, 'starttls', context, auth=True)
    relay_strange = peers.Relay(box, 'tls', strange)
    for r in (relay, relay_tls, relay_starttls, relay_strange):
        r.start()
    web, inner = peers.Web('127.0.0.2'), peers.Web('127.0.0.1')
    secure = peers.Web('127.0.0.2', context)
    silent = peers.Silent()
    (folder / 'mail').write_bytes(MESSAGE)
    (folder / 'spam').write_bytes(b'X-Spam: yes\r\n\r\nx\r\n')
    (folder / 'big').write_bytes(b'Subject: big\r\n\r\n' + b'.2345678901234567890\r\n' * 300000)
    minar = start()


def tearDownModule():
    minar.stop()
    for r in (relay, relay_tls, relay_starttls, relay_strange):
        r.stop()


def start(*more):
    endpoints = [f'smtp://127.0.0.1:{r.port}' for r in (relay, relay_starttls, silent)]
    endpoints += [f'smtps://127.0.0.1:{r.port}' for r in (relay_tls, relay_strange)]
    endpoints += [f'http://127.0.0.1:{inner.port}']
    m = Minar(f'--folder={folder}', f'--ca={ca}', '--allow=127.0.0.2/32',
              *[f'--endpoint={e}' for e in endpoints], *more)
    m.linked()
    return m


class Mail(unittest.TestCase):
    def send(self, *args, file='mail', **more):
        return minar.answer(minar.mail(*args, file=folder / file, **more))

    def test_each_recipient_has_a_reply_of_its_own(self):
        a = self.send(relay.port, 'ok@bank.example,unknown@bank.example,later@bank.example,two@bank.example')
        self.assertEqual(a[0], 'ok')
        self.assertEqual(a[5:7], ['250', '2.0.0 taken'])
        self.assertEqual(a[7:], ['ok@bank.example=1:250', 'unknown@bank.example=0:550',
                                 'later@bank.example=0:451', 'two@bank.example=1:250'])
        sender, to, content, _ = box.mails[-1]
        self.assertEqual((sender, to), ('cert@minar.example', ['ok@bank.example', 'two@bank.example']))
        self.assertEqual(content, MESSAGE)

    def test_nobody_known(self):
        a = self.send(relay.port, 'unknown@bank.example,later@bank.example')
        self.assertEqual((a[0], a[1], a[3]), ('error.courier.rcpt', 'peer', '550'))
        self.assertEqual(a[7:], ['unknown@bank.example=0:550', 'later@bank.example=0:451'])

    def test_refused_message(self):
        a = self.send(relay.port, file='spam')
        self.assertEqual((a[0], a[3]), ('error.courier.smtp', '554'))
        self.assertEqual(a[7:], ['ok@bank.example=0:250'])
        self.assertNotIn('\x1b', '\t'.join(a))

    def test_a_large_message_arrives_whole(self):
        self.assertEqual(self.send(relay.port, file='big', deadline=30000)[0], 'ok')
        self.assertEqual(box.mails[-1][2], (folder / 'big').read_bytes())

    def test_tls_and_starttls(self):
        self.assertEqual(self.send(relay_tls.port, security=TLS)[0], 'ok')
        a = self.send(relay_starttls.port, security=STARTTLS, user='minar', password='pass word')
        self.assertEqual(a[0], 'ok')

    def test_a_wrong_password(self):
        a = self.send(relay_starttls.port, security=STARTTLS, user='minar', password='wrong')
        self.assertEqual(a[0], 'error.courier.login')

    def test_encryption_is_demanded_not_tried(self):
        n = len(box.mails)
        self.assertEqual(self.send(relay.port, security=STARTTLS)[0], 'error.courier.starttls')
        self.assertEqual(self.send(relay_strange.port, security=TLS)[0], 'error.courier.tls')
        self.assertEqual(len(box.mails), n)

    def test_only_listed_endpoints_are_configured(self):
        a = self.send(inner.port)
        self.assertEqual((a[0], a[1]), ('error.courier.unlisted', 'denied'))

    def test_a_named_relay_must_be_public(self):
        a = self.send(relay.port, kind=NAMED)
        self.assertEqual(a[:4], ['error.courier.address', 'denied', '127.0.0.1', '127.0.0.1'])

    def test_a_silent_relay_is_left_at_the_deadline(self):
        at = time.monotonic()
        self.assertEqual(self.send(silent.port, deadline=1000)[0], 'error.courier.timeout')
        self.assertLess(time.monotonic() - at, 3)

    def test_many_at_once(self):
        numbers = [minar.mail(relay_tls.port, f'u{i}@bank.example', security=TLS, file=folder / 'mail',
                              deadline=30000) for i in range(100)]
        n = [minar.answer(i, 40)[0] for i in numbers]
        self.assertEqual(n, ['ok'] * 100)
        last = box.mails[-100:]
        self.assertEqual(sorted(m[1][0] for m in last), sorted(f'u{i}@bank.example' for i in range(100)))
        self.assertLess(len({m[3] for m in last}), 50, 'connections are used again')


class Fetch(unittest.TestCase):
    def get(self, *args, **more):
        return minar.answer(minar.fetch(*args, **more))

    def test_a_body_with_its_validators(self):
        a = self.get(web.url('/ok'))
        self.assertEqual((a[0], a[5], a[6], a[7]), ('ok', '200', '5', str(checksum(b'hello'))))
        self.assertEqual(a[8:11], ['"v1"', peers.LAST_MODIFIED, web.url('/ok')])
        self.assertEqual(a[13], 'text/csv; charset=utf-8')
        a = self.get(web.url('/ok'), etag='"v1"')
        self.assertEqual((a[0], a[5], a[6], a[11]), ('ok', '304', '0', '1'))

    def test_post(self):
        self.assertEqual(self.get(web.url('/ok'), method='POST')[0], 'ok')
        method, _, headers, body = web.requests[-1]
        self.assertEqual((method, headers['content-type'], body), ('POST', 'application/json', b'{"a":1}'))

    def test_https(self):
        self.assertEqual(self.get(secure.url('/ok'))[0], 'ok')

    def test_other_states_have_no_body(self):
        a = self.get(web.url('/absent'))
        self.assertEqual((a[0], a[3], a[6]), ('error.courier.status', '404', '0'))

    def test_a_body_that_ends_early_is_no_body(self):
        self.assertEqual(self.get(web.url('/cut'))[0], 'error.courier.failed')

    def test_internal_addresses_in_every_spelling(self):
        n = len(inner.requests)
        for host in ('127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '[::1]',
                     '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '0.0.0.0', '169.254.169.254', '10.0.0.1',
                     '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[fe80::1]', '[2002:7f00:1::]'):
            with self.subTest(host):
                a = self.get(inner.url('/ok', host))
                self.assertEqual((a[0], a[1]), ('error.courier.address', 'denied'))
        self.assertEqual(len(inner.requests), n)

    def test_other_schemes(self):
        for url in ('file:///etc/passwd', 'gopher://127.0.0.2/', 'ftp://127.0.0.2/', 'http://a:b@127.0.0.2/'):
            self.assertEqual(self.get(url)[0], 'error.courier.url')

    def test_redirects_are_followed_and_judged(self):
        a = self.get(web.url('/to?/ok'))
        self.assertEqual((a[0], a[6], a[10]), ('ok', '5', web.url('/ok')))
        n = len(inner.requests)
        a = self.get(web.url('/to?' + inner.url('/ok')))
        self.assertEqual(a[:4], ['error.courier.address', 'denied', '127.0.0.1', '127.0.0.1'])
        self.assertEqual(len(inner.requests), n)
        self.assertEqual(self.get(web.url('/to?file:///etc/passwd'))[0], 'error.courier.url')
        self.assertEqual(self.get(web.url('/to?gopher://127.0.0.2/'))[0], 'error.courier.url')
        self.assertEqual(self.get(web.url('/to?http://127.0.0.2:25/'))[0], 'error.courier.port')
        self.assertEqual(self.get(web.url('/loop'))[0], 'error.courier.redirects')
        self.assertEqual(self.get(secure.url('/to?' + web.url('/ok')))[0], 'error.courier.downgrade')

    def test_secrets_stay_with_their_origin(self):
        self.assertEqual(self.get(web.url('/to?' + secure.url('/ok')), header='Authorization: Bearer x')[0], 'ok')
        self.assertEqual(web.requests[-1][2]['authorization'], 'Bearer x')
        self.assertNotIn('authorization', secure.requests[-1][2])
        self.assertEqual(self.get(web.url('/to?/ok'), header='X-Key: y')[0], 'ok')
        self.assertEqual(web.requests[-1][2]['x-key'], 'y')

    def test_a_configured_endpoint_may_be_inside_but_is_not_redirected(self):
        self.assertEqual(self.get(inner.url('/ok'), kind=CONFIGURED)[0], 'ok')
        a = self.get(inner.url('/to?/ok'), kind=CONFIGURED)
        self.assertEqual(a[0], 'error.courier.redirect')
        a = self.get(inner.url('/ok'))
        self.assertEqual(a[0], 'error.courier.address', 'a warm connection is not lent out')

    def test_endless_is_cut(self):
        self.assertEqual(self.get(web.url('/endless'), most=100000)[0], 'error.courier.too_large')
        self.assertEqual(self.get(web.url('/endless-headers'))[0], 'error.courier.failed')

    def test_dripping_is_cut_at_the_deadline(self):
        for path in ('/drip', '/drip-headers'):
            at = time.monotonic()
            self.assertEqual(self.get(web.url(path), deadline=1500)[0], 'error.courier.timeout')
            self.assertLess(time.monotonic() - at, 3)

    def test_a_large_body_passes_a_slow_reader(self):
        size = 48 << 20
        a = minar.answer(minar.fetch(web.url(f'/big?{size}'), most=size, deadline=60000, stop=SLOW), 60)
        self.assertEqual((a[0], a[6]), ('ok', str(size)))
        status = pathlib.Path(f'/proc/{minar.pid("courier")}/status').read_text()
        if not os.environ.get('MINAR_SANITIZED'):
            self.assertLess(int(re.search(r'VmHWM:\s+(\d+) kB', status)[1]), 400 << 10)

    def test_a_bomb_is_not_unpacked(self):
        a = self.get(web.url('/bomb?Content-Encoding'), most=1 << 30)
        self.assertEqual((a[0], a[6]), ('error.courier.encoding', '0'))
        self.assertEqual(web.requests[-1][2]['accept-encoding'], 'identity')
        a = self.get(web.url('/bomb?Transfer-Encoding'), most=1 << 20)
        self.assertIn(a[0], ('error.courier.too_large', 'error.courier.failed'))
        self.assertLessEqual(int(a[6]), 1 << 20)

    def test_redirects_without_end_are_left(self):
        n = len(web.requests)
        self.assertEqual(self.get(web.url('/hops'))[0], 'error.courier.redirects')
        self.assertEqual(len(web.requests) - n, 6, 'the first and five hops')

    def test_odd_forms_of_a_name(self):
        n = len(inner.requests)
        for host in ('localhost.', '127.0.0.1.', 'LOCALHOST', '0177.0x0.1', '%31%32%37.0.0.1', '１２７.0.0.1',
                     '[fe80::1%25lo]', '[::1%25lo]', '[0:0:0:0:0:ffff:127.0.0.1]', '[2001:0:7f00:1::]', '0', '127.1:80',
                     'user@127.0.0.1', 'user:pw@127.0.0.2'):
            with self.subTest(host):
                a = self.get(inner.url('/ok', host))
                self.assertIn(a[0], ('error.courier.address', 'error.courier.url', 'error.courier.resolve'))
        self.assertEqual(len(inner.requests), n)

    def test_no_address_is_public_that_python_calls_special(self):
        nets = [*ipaddress._IPv4Constants._private_networks, *ipaddress._IPv6Constants._private_networks,
                ipaddress._IPv4Constants._multicast_network, ipaddress._IPv6Constants._multicast_network,
                ipaddress._IPv4Constants._reserved_network, *ipaddress._IPv6Constants._reserved_networks]
        known = [ipaddress.ip_network(row['net']) for row in json.loads(ADDRESSES.read_text())['rows']]
        dice, rows = random.Random(4), []
        for net in nets + known:
            first, last, step = int(net[0]), int(net[-1]), 1
            bits = net.max_prefixlen
            rows += [type(net[0])(n) for n in (first - step, first, last, last + step) if 0 <= n < 1 << bits]
        rows += [ipaddress.IPv4Address(dice.getrandbits(32)) for _ in range(2000)]
        rows += [ipaddress.IPv6Address(dice.getrandbits(125) | 1 << 125) for _ in range(2000)]
        reasons = minar.answer(minar.ask('judge', ','.join(map(str, rows))))[5:]
        self.assertEqual(len(reasons), len(rows))
        stricter = set()
        for address, reason in zip(rows, reasons):
            public = reason == 'public'
            inside = address.ipv4_mapped if address.version == 6 and address.ipv4_mapped else address
            if public:
                self.assertTrue(inside.is_global and not inside.is_multicast, address)
            elif inside.is_global and not inside.is_multicast:
                stricter.add(next(str(n) for n in known if address.version == n.version and address in n))
        print(f'{len(rows)} addresses judged; stricter than Python in {sorted(stricter)}')

    def test_the_receiver_may_stop(self):
        a = self.get(web.url('/endless'), most=1 << 40, stop=1 << 20)
        self.assertEqual((a[0], a[1]), ('error.courier.stopped', 'conflict'))
        self.assertEqual(self.get(web.url('/ok'))[0], 'ok')


@unittest.skipUnless(os.geteuid() == 0 and shutil.which('unshare'), 'needs root for a resolver of its own')
class Names(unittest.TestCase):
    """Names whose addresses change or lie. The name that is judged is not asked for again: the address is."""

    @classmethod
    def setUpClass(cls):
        cls.outer, cls.trap = peers.Web('127.0.0.2'), None
        cls.trap = peers.Web('127.0.0.1', port=cls.outer.port)
        once = [['127.0.0.2'], ['127.0.0.1']]
        cls.names = peers.Names({
            ('rebind.example', 'A'): list(once), ('hop.example', 'A'): [['127.0.0.1']],
            ('127.0.0.1.nip.example', 'A'): [['127.0.0.1']], ('metadata.example', 'A'): [['169.254.169.254']],
            ('mixed.example', 'A'): [['127.0.0.1', '127.0.0.2']], ('mapped.example', 'AAAA'): [['::ffff:127.0.0.1']],
            ('nat64.example', 'AAAA'): [['64:ff9b::7f00:1']], ('six.example', 'AAAA'): [['::1']],
            ('good.example', 'A'): [['127.0.0.2']]})
        (folder / 'resolv.conf').write_text(f'nameserver {peers.Names.ADDRESS}\noptions timeout:2 attempts:1\n')
        inside = f'mount --bind {folder}/resolv.conf /etc/resolv.conf && exec "$@"'
        Minar.wrap = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', inside, 'sh']
        try:
            cls.minar = start()
        finally:
            Minar.wrap = []

    @classmethod
    def tearDownClass(cls):
        cls.minar.stop()

    def get(self, name, path='/ok'):
        return self.minar.answer(self.minar.fetch(self.outer.url(path, name)))

    def tearDown(self):
        self.assertEqual(self.trap.requests, [], 'nothing inside was ever asked')

    def test_a_name_that_turns_inside_after_it_was_judged(self):
        n = len(self.names.asked)
        self.assertEqual(self.get('rebind.example')[0], 'ok')
        asked = [q for q in self.names.asked[n:] if q == ('rebind.example', 'A')]
        self.assertEqual(len(asked), 1, 'one fetch resolves once')
        os.kill(self.minar.pid('courier'), signal.SIGKILL)  # its successor has no answer in memory
        self.minar.linked()
        self.assertEqual(self.get('rebind.example')[:2], ['error.courier.address', 'denied'])

    def test_names_that_stand_for_inside(self):
        for name in ('127.0.0.1.nip.example', 'metadata.example', 'mapped.example', 'nat64.example', 'six.example',
                     'hop.example.'):
            with self.subTest(name):
                self.assertEqual(self.get(name)[:2], ['error.courier.address', 'denied'])

    def test_of_several_addresses_only_the_outer_one_is_tried(self):
        self.assertIn(self.get('mixed.example')[0], ('ok', 'error.courier.address'))

    def test_each_redirect_is_resolved_and_judged(self):
        a = self.get('good.example', '/to?' + self.outer.url('/ok', 'hop.example'))
        self.assertEqual(a[:2], ['error.courier.address', 'denied'])
        a = self.get('good.example', '/to?' + self.outer.url('/ok', 'good.example'))
        self.assertEqual(a[0], 'ok')


class Processes(unittest.TestCase):
    def setUp(self):
        self.minar = start()

    def tearDown(self):
        self.minar.stop()

    def status(self, kind):
        return pathlib.Path(f'/proc/{self.minar.pid(kind)}/status').read_text()

    def test_children_are_fenced(self):
        for kind in ('server', 'courier'):
            self.minar.wait(lambda: self.minar.seen(f'what=proc.ready kind={kind}'))
            self.assertIn('Seccomp:\t2', self.status(kind))
            self.assertIn('NoNewPrivs:\t1', self.status(kind))

    def test_a_crashed_courier_comes_back(self):
        number = self.minar.fetch(web.url('/drip'))
        time.sleep(0.5)
        at = time.monotonic()
        os.kill(self.minar.pid('courier'), signal.SIGKILL)
        self.assertEqual(self.minar.answer(number)[0:2], ['error.courier.gone', 'busy'])
        self.minar.linked()
        self.assertLess(time.monotonic() - at, 1)
        self.assertEqual(self.minar.answer(self.minar.fetch(web.url('/ok')))[0], 'ok')

    def test_a_crashed_server_is_back_within_a_second(self):
        courier = self.minar.pid('courier')
        at = time.monotonic()
        os.kill(self.minar.pid('server'), signal.SIGKILL)
        self.minar.linked()
        self.assertLess(time.monotonic() - at, 1)
        self.assertEqual(self.minar.answer(self.minar.fetch(web.url('/ok')))[0], 'ok')
        self.assertEqual(self.minar.pid('courier'), courier)

    def test_the_second_restart_waits(self):
        old = 0
        for _ in range(2):
            old = self.minar.wait(lambda: self.minar.pid('courier') != old and self.minar.pid('courier'))
            at = time.monotonic()
            os.kill(old, signal.SIGKILL)
            self.minar.linked()
        self.assertGreater(time.monotonic() - at, 0.9)

    def test_an_orderly_stop(self):
        self.minar.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.minar.process.wait(10), 0)
        server = self.minar.wait(lambda: self.minar.seen('what=proc.end kind=server .*code=0'))
        courier = self.minar.wait(lambda: self.minar.seen('what=proc.end kind=courier .*code=0'))
        self.assertLess(server[0], courier[0])

    def test_a_second_signal_stops_at_once(self):
        os.kill(self.minar.pid('server'), signal.SIGSTOP)
        self.minar.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertIsNone(self.minar.process.poll())
        self.minar.process.send_signal(signal.SIGINT)
        self.assertEqual(self.minar.process.wait(5), 75)

    def test_children_die_with_the_supervisor(self):
        pids = [self.minar.pid(k) for k in ('server', 'courier')]
        self.minar.process.kill()
        self.minar.process.wait(5)
        end = time.monotonic() + 5
        while any(os.path.exists(f'/proc/{p}') and 'Z' not in pathlib.Path(f'/proc/{p}/stat').read_text().split()[2]
                  for p in pids):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_a_wrong_configuration_ends_the_whole(self):
        m = Minar(f'--folder={folder}', '--ca=/no/such/file')
        self.assertEqual(m.process.wait(10), 3)


if __name__ == '__main__':
    result = unittest.main(argv=sys.argv[:1], exit=False, warnings='ignore').result
    bad = len(result.failures) + len(result.errors)
    print(f'{result.testsRun - bad} passed, {bad} failed')
    sys.exit(bad > 0)
