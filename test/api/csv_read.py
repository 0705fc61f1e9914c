"""Reads a CSV file from standard input with Python's own reader, strictly; answers it as JSON, with what a
spreadsheet would take for a formula. A second reader of what Minar writes, for export.walk.mjs."""
import csv
import io
import json
import sys

data = sys.stdin.buffer.read()
text = data.decode("utf-8-sig")
csv.field_size_limit(1 << 26)
rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
acts = [cell for row in rows[1:] for cell in row if cell[:1] in set("=+@\t\r\n＝＋－＠") or (cell[:1] == "-" and not cell[1:2].isdigit())]
json.dump({"bom": data[:3] == b"\xef\xbb\xbf", "rows": rows, "acts": acts, "ends": text.endswith("\r\n")}, sys.stdout)
