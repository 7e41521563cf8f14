"""The Halloween indicator: invested in winter, in cash in summer."""

from __future__ import annotations

import pandas as pd

from raisecash import Field, Market, MonthDay, Strategy, in_window


class SellInMay(Strategy):
    """Hold equal weights from November to April, cash from May to October.

    Decided so that the order is filled on the first session of the new half-year.

    Source: Bouman and Jacobsen (2002), 'The Halloween Indicator, "Sell in May and Go Away"',
    American Economic Review 92(5), 1618-1635.
    """

    sell_on: MonthDay = Field(MonthDay("05-01"), description="first day of the summer in cash")
    buy_on: MonthDay = Field(MonthDay("11-01"), description="first day of the winter in the market")
    reserve: float = Field(1.0, ge=0, le=1, description="cash share held in summer")

    @property
    def warm_up_bars(self) -> int:
        """It needs no past."""
        return 0

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return full weights in winter and 1 - reserve of them in summer."""
        summer = in_window(market.next_sessions, self.sell_on, self.buy_on)
        return market.equal_weights().mul(1 - self.reserve * summer, axis=0)
