"""The oracle: one account kept in plain Python, written from docs/execution.md and nothing else.

It shares no code with either engine: dictionaries and lists, one sentence of the page a step.
"""

from __future__ import annotations

import math


def is_number(x):
    return x is not None and not math.isnan(x)


def keep_account(
    *,
    days,  # list of datetime.date, one a bar
    opens,  # list of {asset: price or NaN}
    closes,
    targets,  # list of {asset: weight} or None for no decision
    yields,  # list of annual simple cash yields known at each bar
    cash,
    dividends=None,  # list of {asset: money per share}, paid on the bar to who held at the bar before
    commission=0.0,
    slippage=0.0,
    lots=None,
    on_change=True,
    every="none",
    drift=0.0,
):
    assets = list(opens[0])
    lots = lots or {}
    shares = dict.fromkeys(assets, 0.0)
    last_close = {}
    pending = {}
    submitted = None
    book = []
    for t, day in enumerate(days):
        paid = traded = 0.0

        # 1. Interest.
        interest = 0.0
        if t > 0:
            interest = max(cash, 0.0) * yields[t - 1] * (day - days[t - 1]).days / 365
            cash += interest

        # 1b. Dividends.
        received = 0.0
        if dividends is not None:
            received = math.fsum(shares[a] * dividends[t][a] for a in assets)
            cash += received

        # 2. Fills at the open.
        is_open = {a: is_number(opens[t][a]) for a in assets}
        ready = [a for a in assets if a in pending and is_open[a]]
        waiting = [a for a in assets if a in pending and not is_open[a]]
        if ready:
            mark = {a: opens[t][a] if is_open[a] else last_close.get(a, 0.0) for a in assets}
            value = cash + math.fsum(shares[a] * mark[a] for a in assets)
            wanted = {}
            for a in ready:
                count = pending[a] * value / opens[t][a]
                if lots.get(a):
                    count = math.floor(round(count / lots[a], 9)) * lots[a]
                wanted[a] = count
            dust = 1e-11 * value  # an order worth less is rounding, not a trade
            for a in ready:
                sold = shares[a] - wanted[a]
                if sold * opens[t][a] > dust:
                    price = opens[t][a] * (1 - slippage)
                    cash += sold * price * (1 - commission)
                    paid += sold * price * commission
                    traded += sold * price
                    shares[a] = wanted[a]
            bought = {a: wanted[a] - shares[a] for a in ready if (wanted[a] - shares[a]) * opens[t][a] > dust}
            need = math.fsum(bought[a] * opens[t][a] * (1 + slippage) * (1 + commission) for a in bought)
            k = min(1.0, max(cash, 0.0) / need) if need > 0 else 1.0  # cash of -1e-14 is rounding
            cut = k < 1 - 1e-12
            for a, count in bought.items():
                if cut:
                    count *= k
                    if lots.get(a):
                        count = math.floor(count / lots[a]) * lots[a]
                price = opens[t][a] * (1 + slippage)
                cash -= count * price * (1 + commission)
                paid += count * price * commission
                traded += count * price
                shares[a] += count
            for a in ready:
                if not (a in bought and cut and waiting):
                    del pending[a]

        # 3. Valuation at the close.
        for a in assets:
            if is_number(closes[t][a]):
                last_close[a] = closes[t][a]
        equity = cash + math.fsum(shares[a] * last_close.get(a, 0.0) for a in assets)
        book.append(
            {
                "equity": equity,
                "cash": cash,
                "interest": interest,
                "commission": paid,
                "traded": traded,
                "dividends": received,
            }
            | {f"shares.{a}": shares[a] for a in assets}
        )

        # 4. Decision at the close.
        row = targets[t]
        if row is not None:
            new_period = t > 0 and period(day, every) != period(days[t - 1], every)
            changed = (
                on_change
                and submitted is not None
                and any(abs(row[a] - submitted[a]) > 1e-12 for a in assets)
            )
            drifted = drift > 0 and any(
                abs(shares[a] * last_close.get(a, 0.0) / equity - row[a]) > drift for a in assets
            )
            if submitted is None or new_period or changed or drifted:
                pending = dict(row)
                submitted = dict(row)
    return book


def period(day, every):
    return {
        "none": 0,
        "week": tuple(day.isocalendar())[:2],
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
    }[every]


def book_of(market, targets, **rules):
    """Keep the account of a market and a table of targets given as pandas."""
    return keep_account(
        days=[bar.date() for bar in market.bars],
        opens=market.open.to_dict("records"),
        closes=market.close.to_dict("records"),
        targets=[None if row.isna().all() else row.to_dict() for _, row in targets.iterrows()],
        yields=market.cash_yield.tolist(),
        dividends=market.dividends.to_dict("records"),
        **rules,
    )


def largest_gap(bars, book, closes):
    """Return the largest difference from the book, as a share of equity (shares at their last close)."""
    worst = 0.0
    last = {}
    for (_, row), entry, prices in zip(bars.iterrows(), book, closes, strict=True):
        last.update({a: p for a, p in prices.items() if is_number(p)})
        for name, value in entry.items():
            worth = last.get(name.removeprefix("shares."), 0.0) if name.startswith("shares.") else 1.0
            worst = max(worst, abs(row[name] - value) * worth / entry["equity"])
    return worst
