"""Finding reports in the namespace `reports`: ours and a project's own, no two of which write the same file."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Iterator
from types import ModuleType
from typing import TypeVar

from raisecash.errors import ConfigError, InputError
from raisecash.messages.spelling import suggest
from raisecash.pages.report import RUN_FILES, Report, RunsReport, StudyReport, VerdictReport
from raisecash.plugins import belongs_to, modules, place_of

R = TypeVar("R", bound=Report)


def study_reports(*, without: Collection[str] = ()) -> list[StudyReport]:
    """Return every report that a run writes, by the name of its plug-in.

    Parameters
    ----------
    without : collection of str
        Names of reports to leave out.

    Raises
    ------
    InputError
        When one to leave out does not exist.
    ConfigError
        When a report is not whole, or two own the same name or file.
    """
    found = _found(StudyReport)  # type: ignore[type-abstract]  # a kind is abstract, what is found is not
    names = [report.name for report in found]
    for name in without:
        if name not in names:
            raise InputError(f"no report {name!r} to leave out; {suggest(name, names)}")
    _check_apart((report, file) for report in found for file in report.files)
    return [report for report in found if report.name not in without]


def runs_reports() -> list[RunsReport]:
    """Return every report over a folder of runs; raises as `study_reports` does."""
    found = _found(RunsReport)  # type: ignore[type-abstract]  # a kind is abstract, what is found is not
    _check_apart((report, report.file) for report in found)
    return found


def verdict_report(name: str) -> VerdictReport:
    """Return the report on verdicts of a name.

    Raises
    ------
    InputError
        When there is none.
    """
    listed = _found(VerdictReport)  # type: ignore[type-abstract]  # a kind is abstract, what is found is not
    found = {report.name: report for report in listed}
    if name not in found:
        raise InputError(f"no report on verdicts {name!r}; {suggest(name, found)}")
    return found[name]


def _found(kind: type[R]) -> list[R]:
    """Return one of each report of a kind, by the names of their plug-ins, no two under one name."""
    found: dict[str, R] = {}
    for module in modules("reports"):
        for report in _classes(module, kind):
            other = found.setdefault(report.name, report())
            if type(other) is not report:
                raise ConfigError(
                    f"two reports are called {report.name!r}: {_place(type(other))} and {_place(report)}; rename one"
                )
    return list(found.values())


def _classes(module: ModuleType, kind: type[R]) -> Iterator[type[R]]:
    """Yield the reports of a kind that a plug-in defines, in its file or in one of its folder's."""
    for each in vars(module).values():
        if not (inspect.isclass(each) and issubclass(each, kind) and belongs_to(each, module)):
            continue
        if not each.__dict__.get("name"):
            continue  # what other reports are built on
        missing = [
            *sorted(getattr(each, "__abstractmethods__", ())),
            *(key for key in _needs(kind) if not hasattr(each, key)),
        ]
        if missing:
            raise ConfigError(f"{_place(each)}: report {each.__name__} has no {missing[0]!r}; it needs one")
        yield each


def _needs(kind: type[Report]) -> list[str]:
    """Return the attributes that a report of a kind must have beside its methods."""
    return [key for key in kind.__annotations__ if not hasattr(kind, key)]


def _check_apart(found: Iterable[tuple[Report, str]]) -> None:
    """Raise ConfigError when two reports write the same file, or one writes what the run itself does."""
    owners: dict[str, Report] = {}
    for report, file in found:
        if file in RUN_FILES:
            raise ConfigError(
                f"report {report.name!r} ({_place(type(report))}): {file} is the run's own; rename it"
            )
        other = owners.setdefault(file, report)
        if other is not report:
            raise ConfigError(
                f"two reports write {file}: {other.name!r} ({_place(type(other))}) and {report.name!r} "
                f"({_place(type(report))}); rename one"
            )


def _place(report: type[Report]) -> str:
    """Return the file a report is defined in."""
    return str(place_of(report.__module__))
