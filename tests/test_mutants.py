"""The seeded bugs of `make mutants` still are bugs of this code: each can be put in, and what it makes can be compiled."""

import ast

import pytest

from tests.mutation.mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_can_still_be_applied(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text()

    assert ast.dump(ast.parse(mutant.apply(text))) != ast.dump(ast.parse(text))
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text() if name else (ROOT / file).is_file()


def test_there_are_twelve_and_no_name_is_there_twice() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 12


def test_a_mutant_whose_text_is_gone_is_told_by_name() -> None:
    with pytest.raises(ValueError, match=r"^a bug: app/x\.py has its text 0 times"):
        Mutant("a bug", "app/x.py", "old", "new", ()).apply("other")
