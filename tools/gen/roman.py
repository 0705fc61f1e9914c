"""data/roman.json and the words of data/text/en -> the C tables of src/engine/words.
usage: roman.py ROMAN.JSON TEXT_EN_DIR FILE.C"""
import json
import os
import pathlib
import re
import sys

import po
from gentext import fail, write

SOUNDS = set("bcdfghjklmnprstvxyz")


def check(path, where, sound):
    if not sound or set(sound) - SOUNDS:
        fail(path, f"{where}: '{sound}' is not made of the sounds {''.join(sorted(SOUNDS))}")


def spellings(path, rows):
    out, longest = "", 9
    for row in rows:
        how = row[2] if len(row) > 2 else {}
        check(path, row[0], row[1])
        if "or" in how:
            check(path, row[0], how["or"])
        if set(how) - {"english", "before", "or"} or not re.fullmatch(r"[a-z]+", row[0]):
            fail(path, f"{row[0]}: letters, and english, before, or")
        longest = len(row[0])
        out += (f'    {{ "{row[0]}", "{row[1]}", "{how.get("or", "")}", "{how.get("before", "")}", '
                f"{str(how.get('english', False)).lower()} }},\n")
    if longest != 1:
        fail(path, "the longer spellings stand before the single letters")
    return out


def english(data, folder):
    words = set(data["english"])
    for name in sorted(os.listdir(folder)):
        if name.endswith(".po"):
            for _, text, _ in po.read(pathlib.Path(folder) / name):
                words |= set(re.findall(r"(?<![^\s(])[a-z]{3,}", text.lower()))
    return sorted(words)


def table(kind, name, items):
    lines, line = "", "   "
    for item in items:
        if len(line) + len(item) > 92:
            lines, line = lines + line + "\n", "   "
        line += f" {item},"
    return f"{kind} {name}[] = {{\n{lines}{line}\n}};\nconst size_t {name}_n = sizeof {name} / sizeof *{name};\n"


def main():
    path, folder, out = sys.argv[1:]
    with open(path, encoding="utf-8") as f:
        data = json.load(f)
    for letter, sound in data["urdu"].items():
        check(path, letter, sound)
    letters = sorted((ord(k), v) for k, v in data["urdu"].items())
    text = "/* Made by tools/gen/roman.py from data/roman.json and data/text/en. */\n#include \"engine/words/sound.h\"\n\n"
    text += f"const int sound_version = {data['version']};\n"
    text += table("const sound_letter", "sound_letters", [f"{{ 0x{c:04X}, '{s}' }}" for c, s in letters])
    rows = spellings(path, data["roman"])
    text += f"const sound_spelling sound_spellings[] = {{\n{rows}}};\n"
    text += "const size_t sound_spellings_n = sizeof sound_spellings / sizeof *sound_spellings;\n"
    text += table("const char *const", "sound_joins", [f'"{w}"' for w in sorted(data["joins"], key=lambda w: w.encode())])
    text += table("const char *const", "sound_english", [f'"{w}"' for w in english(data, folder)])
    write(out, text)


if __name__ == "__main__":
    main()
