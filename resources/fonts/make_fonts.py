#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives the bundled fonts from Inter. Usage: make_fonts.py SOURCE_FOLDER TARGET_FOLDER.

Needs fontTools. SOURCE_FOLDER holds Inter-{Regular,Medium,SemiBold}.otf.
"""
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

RANGES = [(0x20, 0x7F), (0xA0, 0x250), (0x370, 0x460), (0x1E00, 0x1F00), (0x2000, 0x20D0),
          (0x2116, 0x2127), (0x212E, 0x212F), (0x2190, 0x2200), (0x2206, 0x2265), (0x2265, 0x2266),
          (0x25CB, 0x25D0), (0x2713, 0x2718)]
FEATURES = ["kern", "mark", "mkmk", "ccmp", "calt", "locl", "case"]


def tabular_figures(font):
    """Glyph name -> name of its tabular twin."""
    twins = {}
    table = font["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != "tnum":
            continue
        for index in record.Feature.LookupListIndex:
            for part in table.LookupList.Lookup[index].SubTable:
                part = getattr(part, "ExtSubTable", part)
                twins.update(getattr(part, "mapping", {}))
    return twins


def derive(source, target, weight):
    font = TTFont(source / f"Inter-{weight}.otf")
    twins = tabular_figures(font)
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            if table.cmap.get(code) in twins:
                table.cmap[code] = twins[table.cmap[code]]
    options = subset.Options(layout_features=FEATURES, name_IDs=["*"], hinting=False,
                             notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for first, end in RANGES for c in range(first, end)])
    subsetter.subset(font)
    for name in font["name"].names:
        if name.nameID in (1, 3, 4, 6, 16):
            new = "LoamInter" if name.nameID in (3, 6) else "Loam Inter"
            name.string = name.toUnicode().replace("Inter", new, 1)
    font["CFF "].cff.fontNames[0] = f"LoamInter-{weight}"
    font.save(target / f"LoamInter-{weight}.otf")


if __name__ == "__main__":
    for each in ("Regular", "Medium", "SemiBold"):
        derive(Path(sys.argv[1]), Path(sys.argv[2]), each)
