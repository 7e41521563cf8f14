"""What to hold: a market in, target weights out. Each strategy is a file of its own in this folder."""

from pydantic import Field

from data_feeds.market import Market
from strategies.base import Strategy
from strategies.month_day import MonthDay, in_window

__all__ = ["Field", "Market", "MonthDay", "Strategy", "in_window"]
