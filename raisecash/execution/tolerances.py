"""How far apart two numbers may be and still count as one: shared by everything that keeps an account.

Both engines count in these, so that rounding in the last digit never decides differently in one of them.
"""

WEIGHT_TOLERANCE = 1e-9  # rounding allowed on a weight's bounds and on the sum of a row
CHANGE_TOLERANCE = 1e-12  # a row that differs by less is the row submitted before
CASH_TOLERANCE = 1e-12  # a need this share above the cash is rounding: the buy counts as paid in full
LOT_TOLERANCE = 1e-12  # a wanted count this share below a whole lot is that whole lot
DUST = 1e-11  # an order for less than this share of the account is rounding, not a trade; above LOT_TOLERANCE
