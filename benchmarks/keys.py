"""What keys cost the fast path: a server with a file of keys beside one without, both of this checkout.

    python -m benchmarks.keys [CONNECTIONS ...]

Requests to the first bring a key. Both run at once and are asked in turns, as `benchmarks.beside` does. The last lines compare
two servers without keys: how far from 1 a ratio is that nothing has caused.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.access import ApiKey, Role, add_key
from benchmarks.beside import CONNECTIONS, HEAD, Asked, compare
from benchmarks.load import is_at_hand, posting
from benchmarks.trained import exam_questions
from tests.support.server import running
from tests.support.tables import TABLE

KEYS = 20
"""In the file; the one that comes is the last."""


def _make_keys(file: Path) -> str:
    secrets = [add_key(str(file), partial(ApiKey, f"key-{number}", Role.TRAIN)) for number in range(KEYS)]
    return secrets[-1]


@contextmanager
def _serving(folder: Path, *, with_keys: bool) -> Iterator[Asked]:
    """Yield a server, trained, and what it is asked."""
    folder.mkdir()
    file = folder / "keys"
    headers = {"Authorization": f"Bearer {_make_keys(file)}"} if with_keys else {}
    with running(folder, **({"api_keys_file": file} if with_keys else {})) as server:
        server.client.headers.update(headers)
        server.train(TABLE, "wait=120").raise_for_status()
        yield Asked(server, posting(folder / "exam.lua", exam_questions(), headers))


def main(numbers: tuple[int, ...] = CONNECTIONS) -> None:
    """Print the table."""
    if not is_at_hand():
        return
    print(HEAD)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _serving(folder / "plain", with_keys=False) as beside:
            with _serving(folder / "keys", with_keys=True) as asked:
                compare("keys", asked, beside, numbers)
            with _serving(folder / "same", with_keys=False) as asked:
                compare("no keys", asked, beside, numbers)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or CONNECTIONS)
