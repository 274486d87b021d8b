"""The glossary explains the words that are in use, and no others; class names are made of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GLOSSARY = ROOT / "docs" / "glossary.md"
TERMS = re.findall(r"\*\*(.+?)\*\*", GLOSSARY.read_text())

CODE = [path for folder in ("app", "model") for path in sorted((ROOT / folder).rglob("*.py"))]
PAGES = [ROOT / "README.md", *(path for path in sorted((ROOT / "docs").glob("*.md")) if path != GLOSSARY)]

ORDINARY = """
acceptable access allowed ambiguous answer any application array arrival as block body buffer busy byte cache call cancelled cannot cell changed check checked choice chunked class
classification column conflict connection constant cost count damaged date default disk duration entry equation error evaluation event existing explanation
export extra failed failure fair file fit fitted fitter fold folder form format found full function gap graceful grid group healing health held history host http identified in index interrupted
interval invalid key labelled large layer limit limited line list many log malformed match mean meanwhile media member minute missing never new none not number
once one option or other out outcome output outside own page per piece point policy pool predict prediction prepared process progress protocol query
quota queue rate ready record regular repeat request required response restored reused role rule scanner search self server service setting shared site size square state status stopwatch stream structure sum supervisor table
text too train training type unavailable unknown unseen unsupported untrained use value waiting wanted weighted window work
"""
"""What a reader knows without being told: everyday English, and the words of HTTP."""

STANDARD = """
api csv json onnx graph get head tensor infer inference instance invocation origin prefer if lbfgs gradient descent levenberg marquardt derivative objective student
oblivious tree leaf bin binned growth kernel machine ridge cross entropy cholesky eigen
"""
"""Names of algorithms, formats and headers; each is explained where the class stands, with its source."""


def words(text: str) -> list[str]:
    """Return a text's words in lower case, `CamelCase` and `snake_case` taken apart, plural as singular."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return [singular(word) for word in re.findall(r"[a-z]+", apart.lower())]


def singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def public_classes() -> Iterator[tuple[str, str]]:
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def used() -> str:
    """All words of the code and the documents but the glossary, in order."""
    return f" {' '.join(word for path in [*CODE, *PAGES] for word in words(path.read_text()))} "


@pytest.mark.parametrize("term", TERMS)
def test_each_term_is_used(term: str, used: str) -> None:
    """A word that has gone from the code goes from the glossary."""
    assert f" {' '.join(words(term))} " in used


def test_no_term_is_explained_twice() -> None:
    assert len(TERMS) == len(set(TERMS))


def test_class_names_are_made_of_explained_or_ordinary_words() -> None:
    """A new word in a class name is explained in the glossary, or a known one is taken."""
    known = {word for term in TERMS for word in words(term)}
    known |= {*words(ORDINARY), *words(STANDARD)}
    unexplained = {
        f"{name} ({path}): {word}" for name, path in public_classes() for word in words(name) if word not in known
    }
    assert not unexplained
