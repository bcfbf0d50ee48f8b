#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws loss over bytes sent from the CSV of bench_lowcomm: plot_lowcomm.py RESULT.csv OUT.svg"""
import csv
import math
import sys

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 130, 24, 52
COLOURS = {"synchronous": "#5b6770", "dense": "#2f6f4f", "k1024": "#8a6d1f", "k512": "#b4552d",
           "k64": "#3b5ba5", "dense-mean": "#8fb59f"}


def curves(path):
    out = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["bytes_per_node"]) > 0:
                out.setdefault(row["setting"], []).append(
                    (int(row["bytes_per_node"]), float(row["loss"])))
    return out


def main():
    data = curves(sys.argv[1])
    points = [p for line in data.values() for p in line]
    low, high = (f(math.log10(b) for b, _ in points) for f in (min, max))
    low, high = math.floor(low), math.ceil(high)
    bottom = math.floor(min(l for _, l in points) * 5) / 5
    top = math.ceil(max(l for _, l in points) * 5) / 5

    def x(amount):
        return LEFT + (math.log10(amount) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(loss):
        return TOP + (top - loss) / (top - bottom) * (HEIGHT - TOP - BOTTOM)

    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="13">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    names = {3: "1 kB", 4: "10 kB", 5: "100 kB", 6: "1 MB", 7: "10 MB", 8: "100 MB", 9: "1 GB",
             10: "10 GB"}
    for power in range(low, high + 1):
        at = x(10 ** power)
        svg.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e3e6e8"/>'
                   f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
                   f'{names.get(power, power)}</text>')
    for step in range(round(bottom * 5), round(top * 5) + 1):
        at = y(step / 5)
        svg.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#e3e6e8"/>'
                   f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{step / 5:.1f}</text>')
    for name, line in data.items():
        colour = COLOURS.get(name, "#000000")
        path = " ".join(f"{x(b):.1f},{y(l):.1f}" for b, l in line)
        svg.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        svg += [f'<circle cx="{x(b):.1f}" cy="{y(l):.1f}" r="3" fill="{colour}"/>' for b, l in line]
        amount, loss = line[-1]
        label = name.replace("k", "k = ") if name[1:].isdigit() else name
        svg.append(f'<text x="{x(amount) + 8:.1f}" y="{y(loss) + 4:.1f}" fill="{colour}">'
                   f'{label} {loss:.2f}</text>')
    svg.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">'
               'bytes sent by each node (logarithmic)</text>'
               f'<text x="16" y="{HEIGHT / 2}" text-anchor="middle" '
               f'transform="rotate(-90 16 {HEIGHT / 2})">held-out loss, nats per byte</text></svg>')
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(svg) + "\n")


if __name__ == "__main__":
    main()
