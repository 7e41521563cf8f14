"""The founding view in calendar form: enjoy the June rally, be in cash before the July minefield."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Field, Market, MonthDay, Strategy, in_window
from raisecash.data.calendars.clock import sessions_until


class RallyThenRaiseCash(Strategy):
    """Hold risk through the June rally, then raise cash before July.

    From `rally_from` on the account holds every asset in equal weights. Over the last `glide_days`
    sessions before `cash_by` it sells in equal steps, the last of which is filled on `cash_by`
    itself; from then on `reserve` of it is cash, until `resume_on`, or until the next `rally_from`
    where no day to resume is given.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?', 28 May 2025.
    """

    rally_from: MonthDay = Field(MonthDay("05-28"), description="first day of the rally window")
    cash_by: MonthDay = Field(MonthDay("07-01"), description="day by which the cash is raised")
    glide_days: int = Field(10, ge=1, le=250, description="sessions over which risk is sold")
    reserve: float = Field(0.8, ge=0, le=1, description="cash share held from cash_by on")
    resume_on: MonthDay | None = Field(
        None, description="day to hold risk again; default the next rally_from"
    )

    @property
    def warm_up_bars(self) -> int:
        """It needs no past."""
        return 0

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return equal weights times the exposure due on the session that fills the decision."""
        days = market.next_sessions
        sessions = sessions_until(days, self.cash_by.next_from(days), seven_days=market.is_seven_days)
        unsold = np.minimum(sessions / self.glide_days, 1)
        unsold[in_window(days, self.cash_by, self.resume_on or self.rally_from)] = 0
        return market.equal_weights().mul(1 - self.reserve * (1 - unsold), axis=0)
