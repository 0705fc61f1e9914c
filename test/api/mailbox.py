"""mailbox.py - a real SMTP server for the walks (Debian's python3-aiosmtpd) on a free loopback port.
Prints its port, then one JSON line for each mail it took. A line on its standard input says how it
answers from then on: take, later (451), refuse (550). Ends with its input."""
import base64
import email
import email.policy
import json
import sys

from aiosmtpd.controller import Controller

mode = 'take'


def say(value):
    print(json.dumps(value), flush=True)


class Box:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == 'later' or address.startswith('later'):
            say({'refused': address, 'code': 451})
            return '451 4.7.1 greylisted, come back'
        if mode == 'refuse' or address.startswith('unknown'):
            say({'refused': address, 'code': 550})
            return '550 5.1.1 no such user'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        m = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text, html = m.get_body(('plain',)), m.get_body(('html',))
        say({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'subject': m['subject'], 'id': m['message-id'],
             'raw': base64.b64encode(envelope.original_content).decode(), 'headers': {k.lower(): str(v) for k, v in m.items()}, 'defects': [str(d) for d in m.defects],
             'text': text.get_content() if text else None, 'html': html.get_content() if html else None})
        return '250 2.0.0 taken'


class Relay(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


relay = Relay(Box(), hostname='127.0.0.1', port=0, ready_timeout=30)
relay.start()
say({'port': relay.port})
for line in sys.stdin:
    mode = line.strip()
    say({'mode': mode})
relay.stop()
