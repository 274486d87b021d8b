"""The bill of materials: valid and whole."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.bill_of_materials import find_components, make_sbom, read_lock
from tests.support.image_facts import VERSION


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_sbom(tmp_path_factory.mktemp("sbom") / "bill.json")


def find_fault(bill: Any) -> object:
    return JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(json.dumps(bill))


def test_it_is_valid(bill: Any) -> None:
    assert find_fault(bill) is None
    assert find_fault({**bill, "component": []}) is not None


def test_it_lists_all_that_is_locked_and_nothing_else(bill: Any) -> None:
    assert find_components(bill) == read_lock()
    assert len(read_lock()) > 20


def test_each_component_can_be_told_by_its_address_and_digests(bill: Any) -> None:
    for component in bill["components"]:
        assert component["purl"].startswith(f"pkg:pypi/{component['name']}@{component['version']}")
        digests = [digest for each in component["externalReferences"] for digest in each["hashes"]]
        assert {digest["alg"] for digest in digests} == {"SHA-256"}


def test_it_says_what_it_is_of(bill: Any) -> None:
    component = bill["metadata"]["component"]
    assert (component["name"], component["version"]) == ("scorecast", VERSION)
