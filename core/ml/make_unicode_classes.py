#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes unicode_classes.inc: where runs of characters of one class begin.

  python3 make_unicode_classes.py > unicode_classes.inc

The table is part of the sources, not made at build time: what a text's tokens are must not depend
on the Unicode version of the machine that built the program.
"""
import sys
import unicodedata

OTHER, LETTER, NUMBER, PUNCTUATION = range(4)
CLASSES = {"L": LETTER, "N": NUMBER, "P": PUNCTUATION}


def main():
    print("// SPDX-License-Identifier: GPL-3.0-or-later")
    print(f"// Unicode {unicodedata.unidata_version}, written by make_unicode_classes.py.")
    runs = []
    last = None
    for code in range(sys.maxunicode + 1):
        kind = CLASSES.get(unicodedata.category(chr(code))[0], OTHER)
        if kind != last:
            runs.append(f"0x{code << 2 | kind:X}")
            last = kind
    line = ""
    for run in runs:
        if len(line) + len(run) + 2 > 100:
            print(line.rstrip())
            line = ""
        line += run + ", "
    print(line.rstrip())


if __name__ == "__main__":
    main()
