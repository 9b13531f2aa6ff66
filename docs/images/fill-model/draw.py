#!/usr/bin/env python3
"""Draws the pictures of docs/fill-model.md into this folder: python3 draw.py

Each picture is a list of things at (time, price). The numbers are those of the golden tests.
"""
import pathlib
from html import escape

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 34, 34
INK, GRID, UP, DOWN, LEVEL, FILL, MISS = (
    "#24292f", "#d0d7de", "#2da44e", "#cf222e", "#8250df", "#0969da", "#9a6700")


class Picture:
    def __init__(self, title, low, high, slots):
        self.title, self.low, self.high, self.slots, self.parts = title, low, high, slots, []

    def x(self, time):
        return LEFT + (WIDTH - LEFT - RIGHT) * time / self.slots

    def y(self, price):
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - price) / (self.high - self.low)

    def line(self, x1, y1, x2, y2, colour, width=1, dash=""):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"' + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")

    def text(self, x, y, words, colour=INK, anchor="start", size=12, weight="normal"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" '
            f'font-weight="{weight}" text-anchor="{anchor}">{escape(words)}</text>')

    def candle(self, time, o, h, l, c, label=""):
        colour, x = (UP if c >= o else DOWN), self.x(time)
        self.line(x, self.y(h), x, self.y(l), colour, 1.5)
        top, bottom = self.y(max(o, c)), self.y(min(o, c))
        self.parts.append(
            f'<rect x="{x - 13:.1f}" y="{top:.1f}" width="26" height="{max(bottom - top, 1.5):.1f}" '
            f'fill="{colour}" fill-opacity="0.25" stroke="{colour}"/>')
        if label:
            self.text(x, HEIGHT - 12, label, anchor="middle", size=11)
        return self

    def level(self, price, label, start=0.0):
        self.line(self.x(start), self.y(price), WIDTH - RIGHT, self.y(price), LEVEL, 1.2, "6 4")
        self.text(WIDTH - RIGHT + 6, self.y(price) + 4, label, LEVEL)
        return self

    def path(self, points, colour=INK):
        spots = " ".join(f"{self.x(t):.1f},{self.y(p):.1f}" for t, p in points)
        self.parts.append(
            f'<polyline points="{spots}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        return self

    def sent(self, time, price, label):
        x, y = self.x(time), self.y(price)
        self.parts.append(f'<path d="M{x:.1f} {y:.1f} l-5 9 h10 z" fill="{INK}"/>')
        self.text(x, y + 22, label, anchor="middle", size=11)
        return self

    def mark(self, time, price, label, colour, dx, dy, anchor):
        self.parts.append(
            f'<circle cx="{self.x(time):.1f}" cy="{self.y(price):.1f}" r="4.5" fill="{colour}" '
            f'stroke="white"/>')
        self.text(self.x(time) + dx, self.y(price) + dy, label, colour, anchor, weight="bold")
        return self

    def fill(self, time, price, label, dx=9, dy=-7, anchor="start"):
        return self.mark(time, price, label, FILL, dx, dy, anchor)

    def miss(self, time, price, label, dx=9, dy=-7, anchor="start"):
        return self.mark(time, price, label, MISS, dx, dy, anchor)

    def note(self, time, words):
        self.text(self.x(time), HEIGHT - 12, words, anchor="middle", size=11)
        return self

    def save(self, name):
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                f'width="{WIDTH}" height="{HEIGHT}" role="img" '
                f'font-family="system-ui, sans-serif">')
        frame = [f"<title>{escape(self.title)}</title>",
                 f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
        body, self.parts = self.parts, []
        self.text(LEFT - 44, 20, self.title, weight="bold", size=13)
        step = (self.high - self.low) / 4
        for n in range(5):
            price = self.low + n * step
            self.line(LEFT, self.y(price), WIDTH - RIGHT, self.y(price), GRID, 0.6)
            self.text(LEFT - 8, self.y(price) + 4, f"{price:g}", anchor="end", size=11)
        pathlib.Path(__file__).with_name(name + ".svg").write_text(
            "\n".join([head, *frame, *self.parts, *body, "</svg>"]) + "\n")


def bars():
    (Picture("Market order: the next open", 98, 104, 4)
     .candle(1, 100, 102, 99, 101, "bar 1").candle(3, 101.5, 103, 101, 102.5, "bar 2")
     .sent(2, 101, "sent on the close").fill(2.66, 101.5, "10 @ 101.50", -8, -8, "end")
     .save("next-open"))
    (Picture("Limit touched inside the bar", 98, 104, 4)
     .candle(2, 101, 102, 99.5, 101).level(100, "buy limit 100").path(
         [(1.2, 101), (1.6, 102), (2.4, 99.5), (2.8, 101)])
     .fill(2.3, 100, "10 @ 100.00", 22, -8).save("limit-touched"))
    (Picture("Limit: the market gaps through it", 97, 103, 4)
     .candle(1, 101, 102, 100.5, 101).candle(3, 98.5, 100.6, 98, 99.5)
     .level(100, "buy limit 100").fill(2.66, 98.5, "10 @ 98.50 (better)", -8, 5, "end")
     .save("limit-gap"))
    (Picture("Stop touched inside the bar", 92, 100, 4)
     .candle(2, 97, 98, 94, 96).level(95, "sell stop 95").path(
         [(1.2, 97), (1.6, 98), (2.4, 94), (2.8, 96)])
     .fill(2.28, 95, "10 @ 95.00", 26, -8).save("stop-touched"))
    (Picture("Stop: the market gaps through it", 91, 99, 4)
     .candle(1, 97, 98, 96, 97).candle(3, 93, 95.5, 92, 94)
     .level(95, "sell stop 95").fill(2.66, 93, "10 @ 93.00 (worse)", -8, 5, "end")
     .save("stop-gap"))


def paths():
    (Picture("Stop-limit: the way back decides (open-high-low-close)", 98, 104, 4)
     .level(102, "buy stop 102").level(101, "limit 101")
     .path([(0.4, 100), (1.4, 103), (2.6, 99), (3.6, 102.5)])
     .miss(1.07, 102, "triggered", -9, -7, "end").fill(2.0, 101, "10 @ 101.00", 10, -6)
     .save("stop-limit-high-first"))
    (Picture("Stop-limit: the way back decides (open-low-high-close)", 98, 104, 4)
     .level(102, "buy stop 102").level(101, "limit 101")
     .path([(0.4, 100), (1.2, 99), (2.6, 103), (3.6, 102.5)])
     .miss(2.25, 102, "triggered", -9, -7, "end").miss(3.6, 102.5, "no fill", -4, -9, "end")
     .save("stop-limit-low-first"))
    (Picture("Stop and target in one bar: adverse", 92, 108, 4)
     .level(105, "sell limit 105").level(95, "sell stop 95")
     .path([(0.4, 100), (1.6, 94), (2.8, 106), (3.6, 104)])
     .fill(1.4, 95, "100 @ 95.00", -8, 18, "end").miss(2.7, 105, "refused: sold already", -8, -9,
                                                       "end").save("both-adverse"))
    (Picture("Stop and target in one bar: optimistic", 92, 108, 4)
     .level(105, "sell limit 105").level(95, "sell stop 95")
     .path([(0.4, 100), (1.6, 106), (2.8, 94), (3.6, 104)])
     .fill(1.4, 105, "100 @ 105.00", -8, -9, "end").miss(2.7, 95, "refused: sold already", -8, 18,
                                                         "end").save("both-optimistic"))
    (Picture("A level is never jumped over", 92, 108, 4)
     .level(105, "sell limit 105").level(99, "buy limit 99").level(95, "sell stop 95")
     .path([(0.4, 100), (1.8, 94), (3.0, 106), (3.6, 104)])
     .fill(0.63, 99, "entry @ 99", 8, -7).fill(1.57, 95, "stop @ 95", -10, 14, "end")
     .save("no-jump"))


def sizes_and_time():
    (Picture("Participation 10%: the rest keeps working", 98, 102, 4)
     .candle(0.7, 100, 101, 99, 100.5, "volume 1,000").candle(2, 100.6, 101, 100, 100.7, "1,200")
     .candle(3.3, 100.8, 101, 100, 101, "3,000")
     .fill(0.52, 100, "100 @ 100.00", 4, 64, "middle").fill(1.82, 100.6, "120 @ 100.60", 2, 52,
                                                             "middle")
     .fill(3.12, 100.8, "30 @ 100.80", 6, 56, "middle").save("participation"))
    (Picture("Quotes: only what is displayed", 99.8, 100.6, 4)
     .path([(0.2, 100.1), (2, 100.1), (2, 100.2), (3.8, 100.2)], DOWN)
     .path([(0.2, 100.0), (3.8, 100.0)], UP)
     .note(1.1, "ask 200 @ 100.10").note(3, "ask 1,000 @ 100.20")
     .fill(0.9, 100.1, "200 @ 100.10", 0, -12, "middle").fill(2.1, 100.2, "300 @ 100.20", 10, -12)
     .save("quote-displayed"))
    (Picture("Quotes: a resting limit is hit at its own price", 99.6, 100.4, 4)
     .path([(0.2, 100.1), (1.5, 100.1), (1.5, 99.96), (2.6, 99.96), (2.6, 99.9), (3.8, 99.9)], DOWN)
     .path([(0.2, 100.0), (1.5, 100.0), (1.5, 99.9), (2.6, 99.9), (2.6, 99.8), (3.8, 99.8)], UP)
     .level(99.95, "buy limit 99.95", 0.6).fill(2.6, 99.95, "60 @ 99.95", 9, -9)
     .save("quote-resting"))
    (Picture("Latency: the open is over when the order arrives", 99.5, 103.5, 4)
     .candle(0.8, 100, 102, 99.8, 101, "bar 1").candle(2, 101.5, 102, 101, 101.7, "bar 2")
     .candle(3.4, 101.8, 102.8, 101.5, 102.4, "bar 3")
     .sent(1.4, 101, "sent").miss(1.8, 101.5, "missed", -2, -14, "end")
     .fill(3.2, 101.8, "10 @ 101.80", -8, -10, "end").save("latency"))
    (Picture("DAY: ends with the session; sent on the close, it lives on", 96, 106, 4)
     .candle(1, 100, 102, 99, 101, "day 1, closes 16:00").candle(3, 103, 105, 102, 104, "day 2")
     .level(97, "buy limit 97").miss(1.9, 97, "expired 16:00", 0, -9, "middle")
     .sent(1.9, 101, "sent 16:00").fill(2.66, 103, "10 @ 103.00", -8, -8, "end")
     .save("day-expiry"))
    (Picture("Cash account: checked at the fill, fee included", 98, 108, 4)
     .candle(0.8, 99.5, 100.5, 99, 100, "buy 950, cash 100,000")
     .level(105.16, "what cash can pay").miss(2.6, 105.3, "rejected @ 105.30", 0, -9, "middle")
     .fill(3.4, 105.15, "filled @ 105.15", 4, 20, "middle").save("cash-rejection"))


if __name__ == "__main__":
    bars()
    paths()
    sizes_and_time()
