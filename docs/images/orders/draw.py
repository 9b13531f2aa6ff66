#!/usr/bin/env python3
"""Draws the pictures of docs/orders.md into this folder: python3 draw.py

Price against time, in the style of docs/images/fill-model. What the order's own price does is
violet, its fills are blue, what becomes of it without a fill is brown.
"""
import importlib.util
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("style", HERE.parent / "fill-model" / "draw.py")
style = importlib.util.module_from_spec(spec)
spec.loader.exec_module(style)
style.WIDTH, style.HEIGHT, style.RIGHT = 480, 210, 124


class Picture(style.Picture):
    def own(self, points, label):
        """The order's own price as it moves."""
        spots = " ".join(f"{self.x(t):.1f},{self.y(p):.1f}" for t, p in points)
        self.parts.append(f'<polyline points="{spots}" fill="none" stroke="{style.LEVEL}" '
                          f'stroke-width="1.4" stroke-dasharray="6 4"/>')
        time, price = points[-1]
        self.text(max(self.x(time), style.WIDTH - style.RIGHT) + 6, self.y(price) + 4, label,
                  style.LEVEL)
        return self

    def wall(self, time, label):
        """An instant that matters: the open, the close, an expiry."""
        self.line(self.x(time), style.TOP, self.x(time), style.HEIGHT - style.BOTTOM, style.INK,
                  0.8, "2 3")
        self.text(self.x(time), style.HEIGHT - 20, label, anchor="middle", size=11)
        return self

    def done(self, name):
        self.save(name)
        made = HERE.parent / "fill-model" / (name + ".svg")
        made.replace(HERE / (name + ".svg"))


def at_once():
    (Picture("Market: whatever is there", 99, 103, 4)
     .path([(0.2, 100.4), (0.8, 101), (1.4, 100.6), (2.4, 101.6), (3.8, 102.2)])
     .sent(1.4, 100.6, "sent").fill(1.5, 100.68, "at the next price", 10, 14).done("market"))
    (Picture("Limit: at 100 or better", 98, 104, 4)
     .path([(0.2, 102.4), (0.9, 103), (1.7, 101.2), (2.5, 99.4), (3.2, 101), (3.8, 102)])
     .level(100, "buy limit 100").fill(2.23, 100, "at 100", -10, 16, "end").done("limit"))
    (Picture("Market-to-limit: takes the best price, the rest waits there", 99.8, 100.6, 4)
     .path([(0.2, 100.1), (1.2, 100.1), (1.2, 100.3), (2.8, 100.3), (2.8, 100.05), (3.8, 100.05)],
           style.DOWN)
     .own([(1.2, 100.1), (2.8, 100.1)], "rest: limit 100.10")
     .note(0.7, "ask 200 @ 100.10").fill(1.1, 100.1, "200 @ 100.10", 0, -10, "middle")
     .fill(2.8, 100.1, "300 @ 100.10", 8, -8).done("market-to-limit"))


def triggers():
    (Picture("Stop: sell when the market falls to 98", 94, 102, 4)
     .path([(0.2, 100), (0.9, 101), (1.8, 99.4), (2.6, 97), (3.2, 95.4), (3.8, 96)])
     .level(98, "sell stop 98").fill(2.27, 98, "near 98", 10, -6).done("stop"))
    (Picture("Stop-limit: below 97 it waits", 94, 102, 4)
     .path([(0.2, 100), (0.9, 101), (1.5, 99.6)]).path([(1.9, 96), (2.6, 95), (3.3, 97.8),
                                                        (3.8, 98.4)])
     .level(98, "sell stop 98").level(97, "limit 97")
     .miss(1.9, 96, "gap: triggered", -9, 6, "end").fill(3.1, 97, "at 97", 10, 16)
     .done("stop-limit"))
    (Picture("Market-if-touched: buy when it comes down to 98", 94, 102, 4)
     .path([(0.2, 100.6), (0.9, 101.2), (1.8, 99.2), (2.4, 97.2), (3.2, 99.4), (3.8, 100)])
     .level(98, "touch 98").fill(2.16, 98, "near 98", -9, 16, "end")
     .done("market-if-touched"))
    (Picture("Limit-if-touched: seen at 98, paid at most 97", 94, 102, 4)
     .path([(0.2, 100.6), (0.9, 101.2), (1.8, 99.2), (2.6, 96), (3.2, 98.4), (3.8, 99.4)])
     .level(98, "touch 98").level(97, "limit 97").miss(2.1, 98, "triggered", 9, -6)
     .fill(2.35, 97, "at 97", -9, 16, "end").done("limit-if-touched"))


def followers():
    (Picture("Trailing stop: 2 below the highest price", 96, 106, 4)
     .path([(0.2, 100), (1.0, 102), (1.4, 101.2), (2.2, 104.4), (3.2, 101.4), (3.8, 102.4)])
     .own([(0.2, 98), (1.0, 100), (1.4, 100), (1.6, 100), (2.2, 102.4), (3.8, 102.4)], "trigger")
     .fill(2.87, 102.4, "near 102.40", 8, 20).done("trailing-stop"))
    (Picture("Trailing stop-limit: the limit keeps its distance", 96, 106, 4)
     .path([(0.2, 100), (1.0, 102), (1.4, 101.2), (2.2, 104.4)]).path(
         [(2.6, 100.6), (3.1, 100.2), (3.5, 102.2), (3.8, 102.6)])
     .own([(0.2, 98), (1.0, 100), (1.6, 100), (2.2, 102.4), (3.8, 102.4)], "trigger")
     .own([(0.2, 97), (1.0, 99), (1.6, 99), (2.2, 101.4), (3.8, 101.4)], "limit")
     .miss(2.6, 100.6, "gap: triggered", -9, 6, "end").fill(3.34, 101.4, "at the limit", 8, 16)
     .done("trailing-stop-limit"))
    (Picture("Pegged: a bid that moves with the bid", 99.4, 100.6, 4)
     .path([(0.2, 100.1), (1.0, 100.1), (1.0, 100.3), (2.2, 100.3), (2.2, 100.2), (3.0, 100.2),
            (3.0, 99.8), (3.8, 99.8)], style.DOWN)
     .path([(0.2, 99.9), (1.0, 99.9), (1.0, 100.1), (2.2, 100.1), (2.2, 100.0), (3.0, 100.0),
            (3.0, 99.6), (3.8, 99.6)], style.UP)
     .own([(0.2, 99.87), (1.0, 99.87), (1.0, 100.07), (2.2, 100.07), (2.2, 99.97), (3.0, 99.97)],
          "own price")
     .fill(3.0, 99.97, "picked off", 8, -6).done("pegged"))


def sizes():
    (Picture("Iceberg: 20 shown of 100", 98, 102, 4)
     .path([(0.2, 101), (1.0, 100), (1.2, 100.6), (1.9, 100), (2.1, 100.8), (2.8, 100),
            (3.2, 101), (3.8, 101.2)])
     .level(100, "buy limit 100").fill(1.0, 100, "20", 0, 18, "middle")
     .fill(1.9, 100, "20", 0, 18, "middle").fill(2.8, 100, "20", 0, 18, "middle")
     .note(2, "each new 20 stand behind the others at 100").done("iceberg"))
    (Picture("Post-only: never the one who comes to the other", 99.6, 100.6, 4)
     .path([(0.2, 100.2), (2.4, 100.2), (2.4, 99.95), (3.8, 99.95)], style.DOWN)
     .path([(0.2, 100.0), (2.4, 100.0), (2.4, 99.8), (3.8, 99.8)], style.UP)
     .miss(0.8, 100.2, "buy 100.20: rejected", 8, -8)
     .own([(1.4, 100.05), (2.4, 100.05)], "buy 100.05").fill(2.4, 100.05, "maker", 8, -8)
     .done("post-only"))
    (Picture("Reduce-only: never through zero", -60, 120, 4)
     .path([(0.2, 100), (1.2, 100), (1.2, 40), (2.6, 40), (2.6, 0), (3.8, 0)])
     .level(0, "flat").note(0.7, "position 100").fill(1.2, 40, "another order sells 60", 8, -8)
     .fill(2.6, 0, "reduce-only 100 sells 40", -8, 20, "middle").done("reduce-only"))


def times():
    (Picture("At the open (ATO): the first price, or nothing", 98, 106, 4)
     .candle(0.8, 100, 101.4, 99, 100.6, "").candle(3.0, 103, 104.4, 100.6, 101.6, "")
     .wall(2.55, "open").sent(1.4, 100.6, "sent").fill(2.74, 103, "market, or limit 104", -6, -12,
                                                       "middle")
     .miss(3.3, 101, "limit 101: canceled", 8, 20, "middle").done("at-the-open"))
    (Picture("At the close (ATC): the last price, or nothing", 98, 106, 4)
     .path([(0.3, 101), (1.0, 102.4), (1.8, 100.2), (2.6, 103), (3.2, 102)])
     .wall(3.2, "close").sent(1.0, 102.4, "sent").fill(3.2, 102, "at 102", 8, -6).done(
         "at-the-close"))
    (Picture("IOC and FOK: one chance, 100 offered", 99.8, 100.6, 4)
     .path([(0.2, 100.2), (3.8, 100.2)], style.DOWN)
     .fill(0.9, 100.2, "IOC 150: 100 filled", 0, -12, "middle")
     .miss(1.0, 100.2, "50 canceled", 4, 20, "middle")
     .miss(2.8, 100.2, "FOK 150: canceled", 0, -12, "middle").done("ioc-fok"))
    (Picture("DAY, GTD, GTC: how long a limit waits", 96, 104, 4)
     .path([(0.2, 101), (1.0, 102), (1.3, 100.4)]).path([(1.7, 101), (2.4, 102.4), (3.8, 100.8)])
     .wall(1.4, "close").wall(2.6, "GTD time")
     .own([(0.2, 99.4), (1.4, 99.4)], "").own([(0.2, 98.2), (2.6, 98.2)], "")
     .own([(0.2, 97), (3.8, 97)], "GTC").miss(1.4, 99.4, "DAY expires", -8, -6, "end")
     .miss(2.6, 98.2, "GTD expires", -8, -6, "end").done("day-gtd-gtc"))


def links():
    (Picture("OCO: one cancels the other", 94, 106, 4)
     .path([(0.2, 100), (0.9, 102), (1.6, 99), (2.6, 104), (3.3, 101), (3.8, 100)])
     .level(104, "sell limit 104").own([(0.2, 97), (2.6, 97)], "")
     .fill(2.6, 104, "filled", 8, -8).miss(2.6, 97, "stop 97: canceled with it", -8, 16, "middle")
     .done("oco"))
    (Picture("Bracket: target and stop live from the entry on", 92, 108, 4)
     .path([(0.2, 102), (1.1, 99), (2.0, 101), (3.0, 94.4), (3.8, 96)])
     .own([(0.2, 100), (0.8, 100)], "").own([(0.8, 105), (3.8, 105)], "target 105")
     .own([(0.8, 96), (3.8, 96)], "stop 96").fill(0.8, 100, "entry 100", 8, -8)
     .fill(2.76, 96, "stop 96", -8, 16, "end").miss(2.76, 105, "target canceled", 0, -8, "middle")
     .done("bracket"))


if __name__ == "__main__":
    at_once()
    triggers()
    followers()
    sizes()
    times()
    links()
