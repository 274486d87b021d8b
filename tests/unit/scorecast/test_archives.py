"""Archives: a model with all its versions goes from one service to another, and what breaks off can be run again."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from scorecast.archives import ArchiveError, ImportStopped, export_model, import_model
from scorecast.client import Client, Refused
from tests.conftest import StartServer
from tests.support.server import Server
from tests.unit.scorecast.test_commands import run

QUICK: dict[str, Any] = {"trainer": "gradient_descent", "max_epochs": 5}
ROWS = [{"width": x, "wood": "oak" if x % 2 else "pine", "price": 2.5 * x + x % 3} for x in range(1, 13)]
ASKED = [{"width": 3, "wood": "oak"}, {"width": 40, "wood": "elm"}]
DECLARED = ("features", "targets", "left_out", "network", "trainer", "default_version", "versions")


@pytest.fixture(scope="module")
def first(server: Server) -> Iterator[Client]:
    with Client(str(server.client.base_url)) as client:
        yield client


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another service, over a store of its own."""
    server = Server(tmp_path_factory.mktemp("other"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def second(other: Server) -> Iterator[Client]:
    with Client(str(other.client.base_url)) as client:
        yield client


def make_model(client: Client, name: str) -> None:
    """A model with options of its own and versions 1, 3 and 4, of which 3 answers, and 4 was published without its table."""
    columns: dict[str, Any] = {
        "features": [
            {"name": "width", "unit": "cm"},
            {"name": "wood", "kind": "category", "categories": ["oak", "pine"]},
        ],
        "targets": [{"name": "price", "minimum": 0}],
        "network": {"hidden_layers": [2]},
        "trainer": {"name": "gradient_descent", "max_epochs": 7},
    }
    client.declare(name, columns)
    for seed in (1, 2, 3):
        client.train(name, ROWS, seed=seed)
    client.train(name, ROWS, seed=4, keep_table=False)
    client.roll_back(name, 3)
    client._transport.send("DELETE", f"/models/{name}/versions/2")


def told(client: Client, name: str) -> dict[str, Any]:
    """All that moves with a model: its declaration, its versions with their reports and tables, and what they answer."""
    model = client.model(name).document
    versions = {each.number: each for each in client.versions(name)}
    return {
        **{member: model[member] for member in DECLARED},
        "digests": {
            number: [each.document["sha256"], each.document["table_sha256"]] for number, each in versions.items()
        },
        "reports": {number: each.report for number, each in versions.items()},
        "answers": {number: client.predict(name, ASKED, number).document for number in versions},
    }


def test_a_model_moves_with_all_its_versions(first: Client, second: Client, tmp_path: Path) -> None:
    make_model(first, "whole")
    path = tmp_path / "whole.zip"

    exported = export_model(first, "whole", path)
    imported = import_model(second, path)

    assert asdict(exported) == {
        "file": str(path), "model_name": "whole", "versions": [1, 3, 4], "bytes": path.stat().st_size,
    }  # fmt: skip
    assert [(each.archived_as, each.model_version, each.was_there) for each in imported.versions] == [
        (1, 1, False),
        (3, 3, False),
        (4, 4, False),
    ]
    assert imported.default_version == 3
    assert told(second, "whole") == told(first, "whole")
    assert second.table("whole", 3) == first.table("whole", 3)
    with pytest.raises(Refused, match="without its table"):
        second.table("whole", 4)


def test_what_is_imported_twice_is_there_once(first: Client, second: Client, tmp_path: Path) -> None:
    make_model(first, "twice")
    path = tmp_path / "twice.zip"
    export_model(first, "twice", path)
    import_model(second, path)
    before = told(second, "twice")

    again = import_model(second, path)

    assert all(each.was_there for each in again.versions)
    assert told(second, "twice") == before


def test_versions_that_are_equal_to_the_byte_stay_two(first: Client, second: Client, tmp_path: Path) -> None:
    for _ in range(2):
        first.train("equal", ROWS, targets="price", **QUICK)
    path = tmp_path / "equal.zip"
    export_model(first, "equal", path)

    for _ in range(2):
        imported = import_model(second, path)

    assert [each.model_version for each in imported.versions] == [1, 2]
    assert second.model("equal").versions == 2


def test_numbers_that_are_taken_give_way_to_the_next(first: Client, second: Client, tmp_path: Path) -> None:
    for client, seeds in ((first, (1, 2)), (second, (7,))):
        for seed in seeds:
            client.train("mixed", ROWS, targets="price", seed=seed, **QUICK)
    path = tmp_path / "mixed.zip"
    export_model(first, "mixed", path)

    imported = import_model(second, path)

    assert [(each.archived_as, each.model_version) for each in imported.versions] == [(1, 2), (2, 3)]
    assert second.model("mixed").default_version == 3
    answers = [client.predict("mixed", ASKED, number).predictions for client, number in ((first, 2), (second, 3))]
    assert answers[0] == answers[1]


def test_some_versions_under_another_name(first: Client, second: Client, tmp_path: Path) -> None:
    make_model(first, "some")
    path = tmp_path / "some.zip"
    export_model(first, "some", path, (1, 4))

    imported = import_model(second, path, "renamed")

    assert (imported.model_name, [each.model_version for each in imported.versions]) == ("renamed", [1, 4])
    with pytest.raises(ArchiveError, match="no version 2"):
        export_model(first, "some", path, (1, 2))


def test_a_model_that_was_declared_anew_keeps_its_earlier_versions(
    first: Client, second: Client, tmp_path: Path
) -> None:
    first.train("anew", ROWS, targets="price", **QUICK)
    first.declare("anew", {"features": [{"name": "width"}], "targets": [{"name": "price"}]})
    first.train("anew", [{"width": row["width"], "price": row["price"]} for row in ROWS], **QUICK)
    path = tmp_path / "anew.zip"
    export_model(first, "anew", path)

    import_model(second, path)

    assert second.predict("anew", ASKED, 1).predictions == first.predict("anew", ASKED, 1).predictions
    assert second.predict("anew", [{"width": 3}]).predictions == first.predict("anew", [{"width": 3}]).predictions


def test_a_model_of_that_name_with_other_columns_is_left_alone(first: Client, second: Client, tmp_path: Path) -> None:
    first.train("clash", ROWS, targets="price", **QUICK)
    second.train("clash", [{"x": x, "y": 2 * x} for x in range(5)], targets="y", **QUICK)
    path = tmp_path / "clash.zip"
    export_model(first, "clash", path)

    with pytest.raises(ArchiveError, match="other columns: import this one under another name"):
        import_model(second, path)

    assert second.model("clash").versions == 1


def test_an_import_that_breaks_off_says_what_is_there_and_goes_on(
    first: Client, second: Client, tmp_path: Path
) -> None:
    """The second version's file is damaged in the archive."""
    make_model(first, "broken")
    path, damaged = tmp_path / "broken.zip", tmp_path / "damaged.zip"
    export_model(first, "broken", path)
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(damaged, "w") as copy:
        for name in whole.namelist():
            content = whole.read(name)
            copy.writestr(name, content[:-1] if name == "versions/3/checkpoint.safetensors" else content)

    with pytest.raises(
        ImportStopped, match=r"versions/3.* is not what it was; of the 3 versions .* these are there: 1\. Run"
    ):
        import_model(second, damaged)
    assert [each.number for each in second.versions("broken")] == [1]
    imported = import_model(second, path)

    assert [each.was_there for each in imported.versions] == [True, False, False]
    assert told(second, "broken") == told(first, "broken")


def test_what_is_no_archive_is_told(second: Client, tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    for content in (b"", b"PK\x03\x04", b"width,price\n"):
        path.write_bytes(content)
        with pytest.raises(ArchiveError, match="no archive"):
            import_model(second, path)
    for manifest in ("{}", "[]", "x", json.dumps({"format": 1, "versions": [{}], "model": {}})):
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("manifest.json", manifest)
        with pytest.raises(ArchiveError, match="no archive"):
            import_model(second, path)
    for model in ({"name": 5, **dict.fromkeys(DECLARED)}, {"name": "x", "default_version": None}):
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("manifest.json", json.dumps({"format": 1, "versions": [], "model": model}))
        with pytest.raises(ArchiveError, match="no archive"):
            import_model(second, path)
    newer = {"format": 2, "versions": [], "model": {"name": "x", "default_version": None}}
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", json.dumps(newer))
    with pytest.raises(ArchiveError, match="newer version"):
        import_model(second, path)


@pytest.mark.slow
def test_commands_move_a_model(first: Client, server: Server, other: Server, tmp_path: Path) -> None:
    make_model(first, "shelled")
    path = tmp_path / "shelled.zip"

    exported = run(server, "export", "shelled", "-o", path, "--json")
    assert (exported.returncode, json.loads(exported.stdout)["versions"]) == (0, [1, 3, 4])
    imported = run(other, "import", path)
    assert imported.returncode == 0, imported.stderr
    assert "version 3 of shelled answers" in imported.stdout
    again = json.loads(run(other, "import", path, "--model", "shelled-again", "--json").stdout)
    assert (again["model_name"], again["default_version"]) == ("shelled-again", 3)

    weights = tmp_path / "weights.safetensors"
    assert run(server, "export", "shelled", "--version", 1, "--format", "safetensors", "-o", weights).returncode == 0
    assert weights.read_bytes() == first.export("shelled", 1)
    assert b"0.75" in first.export("shelled", 1, "onnx", coverage=0.75)
    assert run(server, "export", "nothing", "-o", tmp_path / "x.zip").returncode == 1
    assert run(other, "import", weights).returncode == 1
    assert run(None, "import", path, "--url", "http://127.0.0.1:9").returncode == 3
    assert sorted(each.name for each in tmp_path.iterdir()) == ["shelled.zip", "weights.safetensors"]


@pytest.mark.slow
def test_a_service_that_dies_in_between_has_what_it_said(
    first: Client, start_server: StartServer, tmp_path: Path
) -> None:
    make_model(first, "interrupted")
    path = tmp_path / "interrupted.zip"
    export_model(first, "interrupted", path)
    target = start_server()

    class Dying(Client):
        def upload(self, name: str, upload: Any, **options: Any) -> Any:
            published = super().upload(name, upload, **options)
            if published.number == 3:
                target.kill()
            return published

    with Dying(str(target.client.base_url), retries=1) as client, pytest.raises(ImportStopped) as stopped:
        import_model(client, path)
    assert [each.model_version for each in stopped.value.versions] == [1, 3]

    target.start()
    with Client(str(target.client.base_url)) as alive:
        assert [each.number for each in alive.versions("interrupted")] == [3, 1]
        assert [each.was_there for each in import_model(alive, path).versions] == [True, True, False]
        assert told(alive, "interrupted") == told(first, "interrupted")
