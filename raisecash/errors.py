"""Every error of the project on one screen: one class per thing a caller can handle.

    RaisecashError
    ├── InputError                the input cannot be used                       exit 2
    │   ├── ConfigError           a key, a value or a file of a config
    │   ├── DataError             a price, yield or event history
    │   │   └── NetworkError      a vendor that could not be reached or refused
    │   ├── ParameterError        a strategy's parameter
    │   └── WeightsError          a row of target weights that breaks the contract
    └── Refusal                   it ran, and a check said no                    exit 1
        ├── ContractError         a strategy breaks a promise that every strategy makes
        ├── LookAheadError        an earlier weight changed when the future did
        └── ReconciliationError   the two engines disagree

The classes live at the bottom of the import order so that every package can raise them. A message
names the file, the key, the rule, the value and the way out; the command line prints it as it is.
"""


class RaisecashError(Exception):
    """Anything this project raises on purpose."""

    exit_code = 2


class InputError(RaisecashError):
    """The input cannot be used; nothing was written."""


class ConfigError(InputError):
    """A config names an unknown key, or gives a key a value it cannot take."""


class DataError(InputError):
    """A history is missing, unreadable, or breaks a rule that prices and yields obey."""


class NetworkError(DataError):
    """A vendor could not be reached, refused to answer, or answered nonsense."""


class ParameterError(InputError):
    """A strategy was given a parameter it does not have, or a value outside its bounds."""


class WeightsError(InputError):
    """A row of target weights breaks the contract; names the strategy, the date and the asset."""


class Refusal(RaisecashError):  # noqa: N818  # the check did not err, it refused
    """The work was done, and a check, a gate or a reconciliation said no."""

    exit_code = 1


class ContractError(Refusal):
    """A strategy breaks a promise of the contract: names the promise, and where it is broken."""


class LookAheadError(Refusal):
    """A decision changed when only its future was changed."""


class ReconciliationError(Refusal):
    """The two engines part by more than the tolerance; names the first bar and asset."""
