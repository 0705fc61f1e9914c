"""The parts of a mail as Python's own parser finds them, with the bytes that RFC 3156 signs.
Reads one mail, writes JSON: {headers, type, micalg, protocol, parts: [{type, text, bytes}], whole}."""
import base64
import json
import sys
from email import message_from_bytes, policy


def entity(raw, boundary, n):
    """The n-th part's bytes between its boundary lines, without the line end before the second."""
    parts = raw.split(b"\r\n--" + boundary.encode())
    return parts[n].lstrip(b"-")[2:] if n < len(parts) else b""


raw = sys.stdin.buffer.read()
mail = message_from_bytes(raw, policy=policy.default)
boundary = mail.get_boundary()
parts = []
for i, part in enumerate(mail.iter_parts() if mail.is_multipart() else []):
    text = part.get_content() if part.get_content_maintype() == "text" else ""
    parts.append({"type": part.get_content_type(), "text": text,
                  "bytes": base64.b64encode(entity(raw, boundary, i + 1)).decode(),
                  "payload": base64.b64encode(part.get_payload(decode=True) or b"").decode()})
closed = mail.get_content_type() in ("multipart/encrypted", "application/pkcs7-mime")
body = None if closed else mail.get_body(("plain",))
whole = b"" if mail.is_multipart() else mail.get_payload(decode=True) or b""
json.dump({"headers": {k.lower(): str(v) for k, v in mail.items()}, "type": mail.get_content_type(),
           "micalg": mail.get_param("micalg"), "protocol": mail.get_param("protocol"), "parts": parts,
           "whole": base64.b64encode(whole).decode(),
           "plain": body.get_content() if body else "", "defects": [type(d).__name__ for d in mail.defects]}, sys.stdout)
