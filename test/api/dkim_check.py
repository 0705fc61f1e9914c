"""dkim_check.py - a second verifier of DKIM signatures (Debian's python3-dkim). Standard input: JSON with raw
(base64 of a mail) and records (name -> TXT); prints for each signature whether it is good, or why not."""
import base64
import json
import sys

import dkim

given = json.load(sys.stdin)
records = {k.rstrip('.').lower(): v for k, v in given['records'].items()}


def look_up(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    value = records.get(name.rstrip('.').lower())
    return value.encode() if value else None


raw, found = base64.b64decode(given['raw']), []
signatures = [h for h in dkim.DKIM(raw).headers if h[0].lower() == b'dkim-signature']
for i in range(len(signatures)):
    d = dkim.DKIM(raw, minkey=1024)
    try:
        good, why = d.verify(idx=i, dnsfunc=look_up), ''
    except dkim.DKIMException as e:
        good, why = False, str(e)
    fields = {k.decode(): v.decode() for k, v in (d.signature_fields or {}).items()}
    found.append({'good': good, 'why': why, 'a': fields.get('a'), 's': fields.get('s'), 'd': fields.get('d'), 'h': fields.get('h'), 'c': fields.get('c')})
print(json.dumps(found))
