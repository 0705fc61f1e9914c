"""What every generator needs: reading the tables, writing a file only when it changed, C literals.
Owned by tools/gen; Python 3.9 or newer, standard library only."""
import json
import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def fail(where, what):
    """Stops the build with a place and a sentence that says what to do."""
    sys.exit(f"{where}: {what}")


def read_json(path):
    with open(path, encoding="utf-8") as f:
        try:
            return json.load(f)
        except ValueError as e:
            fail(path, str(e))


def write(path, text):
    """Writes only what changed, so that nothing is compiled again without need."""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def c_string(text, indent="        "):
    """A C string literal of text, cut into lines at its spaces."""
    text = re.sub(r"\s+", " ", text)
    lines = []
    while len(text) > 70:
        cut = text.rfind(" ", 0, 70) + 1 or 70
        lines.append(text[:cut])
        text = text[cut:]
    lines.append(text)
    quoted = ['"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"' for s in lines]
    joined = ("\n" + indent).join(quoted)
    return f"({joined})" if len(quoted) > 1 else joined


def c_name(dotted):
    return dotted.replace(".", "_").replace("-", "_").replace("/", "_")
