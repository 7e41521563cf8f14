"""What a report is: a plug-in in `reports/` that puts a study, a folder of runs or a list of verdicts into words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from raisecash.gates.verdict import Verdict
    from raisecash.study.progress import Progress
    from raisecash.study.study import Study

RUN_FILES = (
    "summary.json",
    "manifest.json",
    "backtests",
    "market",
)  # what a run itself writes; no report may


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a run, for the others to link to.

    Attributes
    ----------
    path : str
        Below the run's folder, with `/` between its parts.
    title : str
        What a link to it says.
    result : str or None
        The name of the result it is about; None for a page about the whole study.
    """

    path: str
    title: str
    result: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReportContext:
    """What a report may use beside the study.

    Attributes
    ----------
    pages : tuple of Page
        Every page that the run's reports write, the report's own among them.
    jobs : int
        Processes to work in. The bytes must not depend on it.
    progress : Progress
        Told what takes long.
    """

    pages: tuple[Page, ...]
    jobs: int
    progress: Progress


class Report:
    """A plug-in in `reports/`, found by its class being there.

    Attributes
    ----------
    name : str
        How it is called on the command line and in messages; a class without one is a base for others.
    """

    name: ClassVar[str] = ""


class StudyReport(Report, ABC):
    """Files made from a study, written into the folder of every run.

    A run writes all of them or nothing; `raisecash run --without NAME` leaves one out.

    Attributes
    ----------
    files : tuple of str
        Names of the files and folders it writes, directly below the run's folder. No other report may own
        one of them; a later run into the same folder replaces them.
    heavy_imports : tuple of str
        Modules that take long to import, for a report that works in several processes: a run lets each
        process import them while the study is still being computed.
    """

    files: ClassVar[tuple[str, ...]]
    heavy_imports: ClassVar[tuple[str, ...]] = ()

    def pages(self, study: Study) -> Sequence[Page]:
        """Return the pages that it is going to write of a study, so that others can link to them."""
        return ()

    @abstractmethod
    def write(self, study: Study, folder: Path, context: ReportContext) -> None:
        """Write a study's files into a folder: the same bytes for the same study."""


class RunsReport(Report, ABC):
    """One page over a folder of runs, written anew after every run in the default place.

    Attributes
    ----------
    file : str
        The page's name, directly below the folder.
    """

    file: ClassVar[str]

    @abstractmethod
    def text(self, folder: Path) -> str:
        """Return the page over all runs below a folder, its links relative to the folder."""


class VerdictReport(Report, ABC):
    """The verdicts on a config's gates, for a machine or a reviewer, written by `raisecash validate`."""

    @abstractmethod
    def text(self, title: str, verdicts: Sequence[Verdict], *, notes: Sequence[str] = ()) -> str:
        """Return verdicts as text.

        Parameters
        ----------
        title : str
            What was judged.
        verdicts : sequence of Verdict
            One a gate, in the config's order.
        notes : sequence of str
            Sentences every reader must see, such as which data it was judged on.
        """
