"""The page's files: what browsers are told of them."""

import re

import pytest

from app.web import FOLDER
from tests.support.problems import problem
from tests.support.server import Server


def test_the_page_may_run_nothing_but_what_is_served_here(server: Server) -> None:
    page = server.client.get("/")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)


def test_everything_is_found_by_relative_paths(server: Server) -> None:
    """So the page works behind a proxy that puts something before its paths."""
    page = server.client.get("/").text

    links = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert len(links) > 4
    for link in links:
        assert not link.startswith(("/", "http")), link
        assert server.client.get(f"/{link}").status_code == 200, link


FILES = sorted(
    str(path.relative_to(FOLDER))
    for folder in ("script", "style")
    for path in (FOLDER / folder).rglob("*")
    if path.is_file()
)


@pytest.mark.parametrize("path", FILES)
def test_files_are_kept_only_as_long_as_they_have_not_changed(server: Server, path: str) -> None:
    file = server.client.get(f"/page/{path}")

    assert file.status_code == 200
    assert file.content == (FOLDER / path).read_bytes()
    assert file.headers["cache-control"] == "no-cache"
    assert file.headers["x-content-type-options"] == "nosniff"
    again = server.client.get(f"/page/{path}", headers={"If-None-Match": file.headers["etag"]})
    assert again.status_code == 304


def test_scripts_import_by_relative_paths_and_name_no_other_host() -> None:
    for path in FILES:
        text = (FOLDER / path).read_text()
        assert all(name.startswith(("./", "../")) for name in re.findall(r'from "([^"]+)"', text)), path
        hosts = set(re.findall(r"https?://[^\s\"'`)]+", text)) - {
            "http://www.w3.org/2000/svg"
        }  # a name, not an address
        assert not hosts, path


READ_BY_TESTS = {"events"}
"""What is exported for tests of the page alone."""


def test_scripts_import_what_they_use_and_export_what_others_import() -> None:
    scripts = {path: (FOLDER / path).read_text() for path in FILES if path.endswith(".js")}
    imported = {
        path: {name.strip() for names in re.findall(r"import \{([^}]*)\}", text) for name in names.split(",")} - {""}
        for path, text in scripts.items()
    }
    for path, text in scripts.items():
        unused = {name for name in imported[path] if len(re.findall(rf"\b{name}\b", text)) < 2}
        exported = set(re.findall(r"^export (?:async )?(?:function\*?|const|class) (\w+)", text, re.MULTILINE))
        lonely = exported - set().union(*(names for other, names in imported.items() if other != path))
        assert not unused, path
        assert lonely <= READ_BY_TESTS, path


def test_no_file_of_the_service_itself_is_served(server: Server) -> None:
    for path in ("/page/__init__.py", "/page/script/../__init__.py", "/page/script/%2e%2e/__init__.py", "/page/"):
        problem(server.client.get(path), 404)
