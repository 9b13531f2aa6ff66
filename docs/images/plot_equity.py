#!/usr/bin/env python3
"""Draws the equity curves of a run's equity.csv as an SVG. Standard library only.

    python3 docs/images/plot_equity.py build/demo/run/equity.csv docs/images/demo-equity.svg
"""
import csv
import math
import sys
from datetime import datetime, timedelta, timezone

WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 140, 20, 40
COLOURS = ['#1f77b4', '#d95f02', '#1b9e77', '#7570b3', '#e7298a', '#66a61e']
INK, GRID = '#57606a', '#d0d7de'
POINTS_MAX = 600  # a curve; more would not be seen


def read_curves(path):
    """{account: [(seconds since 1970, equity)]}; samples without a known equity are left out."""
    curves = {}
    with open(path, newline='', encoding='utf-8') as file:
        for row in csv.DictReader(file):
            if row['equity']:
                point = (int(row['ts_ns']) / 1e9, float(row['equity']))
                curves.setdefault(row['account'], []).append(point)
    return curves


def thin(points):
    """Every n-th point and the last one."""
    step = max(1, math.ceil(len(points) / POINTS_MAX))
    kept = points[::step]
    return kept if kept[-1] == points[-1] else kept + [points[-1]]


def round_step(span, count):
    """The smallest of 1, 2, 5 times a power of ten that divides `span` into at most `count` parts."""
    rough = span / count
    power = 10 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))


def year_ticks(first, last):
    """(seconds, label) of New Years, at most about eight."""
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    begin, end = ((epoch + timedelta(seconds=t)).year for t in (first, last))
    step = max(1, math.ceil((end - begin) / 8))
    for year in range(begin - begin % step, end + 1, step):
        seconds = (datetime(year, 1, 1, tzinfo=timezone.utc) - epoch).total_seconds()
        if first <= seconds <= last:
            yield seconds, str(year)


def spread(positions, gap):
    """Moves label positions apart so that none is closer than `gap` to the one above it."""
    placed = []
    for y in sorted(positions):
        placed.append(max(y, placed[-1] + gap) if placed else y)
    return placed


def draw(curves):
    times = [t for points in curves.values() for t, _ in points]
    values = [v for points in curves.values() for _, v in points]
    first, last = min(times), max(times)
    step = round_step(max(values) - min(values) or 1, 6)
    low, high = math.floor(min(values) / step) * step, math.ceil(max(values) / step) * step

    def x(t):
        return LEFT + (t - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)

    def y(v):
        return HEIGHT - BOTTOM - (v - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    for i in range(round((high - low) / step) + 1):
        v = low + i * step
        out.append(f'<line x1="{LEFT}" y1="{y(v):.1f}" x2="{WIDTH - RIGHT}" y2="{y(v):.1f}" '
                   f'stroke="{GRID}"/><text x="{LEFT - 8}" y="{y(v) + 4:.1f}" fill="{INK}" '
                   f'text-anchor="end">{v:,.0f}</text>')
    for t, label in year_ticks(first, last):
        out.append(f'<text x="{x(t):.1f}" y="{HEIGHT - BOTTOM + 20}" fill="{INK}" '
                   f'text-anchor="middle">{label}</text>')
    order = sorted(curves, key=lambda name: y(curves[name][-1][1]))
    labels = spread([y(curves[name][-1][1]) for name in order], 16)
    for name, label_y in zip(order, labels):
        colour = COLOURS[list(curves).index(name) % len(COLOURS)]
        path = ' '.join(f'{x(t):.1f},{y(v):.1f}' for t, v in thin(curves[name]))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5" '
                   'stroke-linejoin="round"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 8}" y="{label_y + 4:.1f}" fill="{colour}">'
                   f'{name} {curves[name][-1][1]:,.2f}</text>')
    out.append('</svg>')
    return '\n'.join(out) + '\n'


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    curves = read_curves(sys.argv[1])
    if not curves:
        sys.exit(f'{sys.argv[1]}: no sample with a known equity')
    with open(sys.argv[2], 'w', encoding='utf-8') as file:
        file.write(draw(curves))


if __name__ == '__main__':
    main()
