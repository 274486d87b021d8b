"""Keys: a file lists their digests; whoever has the key has its role."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from app.access import ApiKey, KeyFile, Role, add_key, open_keys, read_keys
from app.settings import Settings

DIGEST = sha256(b"secret").hexdigest()


class Clock:
    """Stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_known_by_its_digest() -> None:
    keys = read_keys(f"# whose  role  digest\n\nwebsite predict {DIGEST} exam-score,concrete # the shop\n")

    key = keys.find(b"secret")
    assert key == ApiKey("website", Role.PREDICT, DIGEST, frozenset({"exam-score", "concrete"}))
    assert [key.may_use(name) for name in ("concrete", "oils")] == [True, False]
    assert keys.find(b"Secret") is None
    assert keys.find(DIGEST.encode()) is None


def test_a_key_whose_digest_only_begins_like_another_is_not_that_key() -> None:
    keys = read_keys(f"website predict {DIGEST}\n")

    assert not any(keys.find(b"secret %d" % number) for number in range(500))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("website predict", "line 2: it must be: name role sha256"),
        ("website guest " + DIGEST, "line 2: the second word is no role: it must be one of predict, train, admin"),
        ("website predict secret", "line 2: the third word must be a SHA-256"),
        (f"website predict {DIGEST.upper()}", "line 2: the third word must be a SHA-256"),
        (f"website predict {DIGEST} a b", "line 2: it must be"),
        (f"other train {DIGEST}", "line 2: the key or name 'other' is there twice"),
        (f"first train {'0' * 64}", "line 2: the key or name 'first' is there twice"),
    ],
)
def test_a_wrong_line_is_named(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_keys(f"first predict {DIGEST}\n{line}\n")


@pytest.mark.parametrize("line", ["website predict scorecast_hush", f"website scorecast_hush {DIGEST}"])
def test_an_error_never_repeats_what_may_be_a_key(line: str) -> None:
    with pytest.raises(ValueError, match="line 1") as error:
        read_keys(f"{line}\n")

    assert "hush" not in str(error.value)


def test_a_key_that_is_added_is_known_and_stands_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    secrets = [
        add_key(str(path), lambda digest, role=role: ApiKey(role.word, role, digest))  # type: ignore[misc]
        for role in Role
    ]

    keys = KeyFile(str(path))()
    assert [found.role for found in map(keys.find, (secret.encode() for secret in secrets)) if found] == list(Role)
    assert not any(secret in path.read_text() for secret in secrets)
    assert path.stat().st_mode & 0o777 == 0o600


def test_of_keys_that_are_added_at_the_same_time_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    code = "import sys; from app.access import ApiKey, Role, add_key\nfor number in range(30): add_key(sys.argv[1], "
    code += "lambda digest: ApiKey(f'{sys.argv[2]}-{number}', Role.PREDICT, digest))"
    adding = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("a", "longer", "l" * 40)]

    assert [each.wait() for each in adding] == [0, 0, 0]
    assert len(KeyFile(str(path))().by_digest) == 90


def test_a_name_that_is_taken_adds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"website predict {DIGEST}")

    with pytest.raises(ValueError, match="twice"):
        add_key(str(path), lambda digest: ApiKey("website", Role.ADMIN, digest))
    assert path.read_text() == f"website predict {DIGEST}"
    add_key(str(path), lambda digest: ApiKey("other", Role.ADMIN, digest))
    assert len(KeyFile(str(path))().by_digest) == 2


@pytest.mark.parametrize(
    ("name", "models", "reason"),
    [
        ("website", frozenset[str](), "for no model"),
        ("my website", None, "'my website' must be a word"),
        ("website", frozenset({"a", " b"}), "' b' must be a word"),
        ("#1", None, "'#1' must be a word"),
        ("", None, "'' must be a word"),
    ],
)
def test_a_key_whose_line_would_be_read_as_another_is_not_added(
    tmp_path: Path, name: str, models: frozenset[str] | None, reason: str
) -> None:
    """As one for all models, above all: `--models "$UNSET"`."""
    with pytest.raises(ValueError, match=reason):
        add_key(f"{tmp_path}/keys", lambda digest: ApiKey(name, Role.PREDICT, digest, models))

    assert not list(tmp_path.iterdir())


def test_a_file_that_changes_is_read_again_and_one_that_is_wrong_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, clock = tmp_path / "keys", Clock()
    path.write_text(f"website predict {DIGEST}\n")
    keys = KeyFile(str(path), clock)

    path.write_text(f"website admin {DIGEST}\n# longer")
    assert _role(keys) is Role.PREDICT  # it is looked at once a second
    clock.now += 2
    assert _role(keys) is Role.ADMIN
    for spoil in (lambda: path.write_text("nonsense"), path.unlink):
        spoil()
        clock.now += 2
        assert _role(keys) is Role.ADMIN
        assert "the earlier keys still count" in caplog.text
        caplog.clear()
    path.write_text("")
    clock.now += 2
    assert keys().find(b"secret") is None


def _role(keys: KeyFile) -> Role | None:
    key = keys().find(b"secret")
    return None if key is None else key.role


def test_keys_may_come_from_the_environment() -> None:
    keys = open_keys(Settings(api_keys=f"website predict {DIGEST}; ci train {'0' * 64}"))

    assert keys is not None
    assert [key.name for key in keys().by_digest.values()] == ["website", "ci"]
    assert DIGEST not in repr(Settings(api_keys=f"website predict {DIGEST}"))


def test_a_service_does_not_begin_without_the_keys_it_is_told_to_have(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        open_keys(Settings(api_keys_file=str(tmp_path / "keys")))


def test_a_process_that_begins_while_the_file_is_wrong_knows_no_keys_until_it_is_mended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, clock = tmp_path / "keys", Clock()
    path.write_text("nonsense")
    keys = KeyFile(str(path), clock, begins_without=True)

    for _ in range(3):
        clock.now += 2
        assert not keys().are_known
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: the file is wrong: line 1: it must be: name role sha256, and perhaps models separated by "
        "commas; until it is mended, all requests that need a key are refused"
    ]
    path.write_text(f"website admin {DIGEST}\n")
    clock.now += 2
    assert keys().are_known
    assert _role(keys) is Role.ADMIN
