"""The strategy contract as checks: run by `raisecash check`, by this project's tests and by authors' own."""

from raisecash.contract_checks.markets import check_market
from raisecash.contract_checks.suite import CHECKS, Case, Check, Outcome, checks_for, contract_checks, judge

__all__ = ["CHECKS", "Case", "Check", "Outcome", "check_market", "checks_for", "contract_checks", "judge"]
