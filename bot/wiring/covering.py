"""How much of the flows of a folder was taken."""

from collections.abc import Set
from pathlib import Path

from bot.engine.watching import Took
from bot.flows.coverage import Coverage, coverage
from bot.flows.library import Library, flow_files
from bot.wiring.dialogues import real


def covered(flows: Library, taken: Set[Took], folder: Path | None) -> Coverage:
    """Return how much of the flows was taken; with a folder, of the flows that it holds itself."""
    own = {str(real(path)) for path in flow_files(folder)} if folder is not None else set[str]()
    counted = {
        name for name, one in flows.compiled.items() if folder is None or str(real(Path(one.source.path))) in own
    }
    return coverage(flows.compiled, taken, counted)
