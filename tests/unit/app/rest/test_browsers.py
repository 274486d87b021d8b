"""Browsers: pages of other sites change nothing, and what is answered is taken for nothing else."""

import re

import pytest

from app.rest.dependencies import is_allowed_host
from app.settings import Settings
from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}
ROWS = {"rows": TABLE, "trainer": {"name": "gradient_descent", "max_epochs": 1}}
MODEL = {"features": [{"name": "x"}], "targets": [{"name": "y"}]}
CHANGES = [
    ("POST", "/train", ROWS),
    ("POST", "/models/exam-score/train", ROWS),
    ("PUT", "/models/predict", MODEL),
    ("PUT", "/models/exam-score/default-version", {"model_version": 1}),
    ("DELETE", "/models/predict", None),
    ("DELETE", "/models/evaluate", None),
    ("DELETE", "/models/exam-score/versions/1", None),
    ("POST", "/jobs/7/cancel", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_page_of_another_site_changes_nothing(server: Server, method: str, path: str, body: object) -> None:
    before = server.client.get("/models").text

    problem(server.client.request(method, path, json=body, headers=CROSS_SITE), 403)

    assert server.client.get("/models").text == before


FOREIGN_FORM = {"Content-Type": "multipart/form-data; boundary=x", "Origin": "http://elsewhere.example"}
EXAMPLES = {"name": "exam-score", "version": "1", "job_id": "7"}


def test_the_document_says_what_pages_of_other_sites_may_not_do_and_that_is_what_changes_anything(
    server: Server,
) -> None:
    paths = server.client.get("/openapi.json").json()["paths"]
    operations = [(method, path, told["responses"]) for path, item in paths.items() for method, told in item.items()]

    told = {(method, path) for method, path, responses in operations if "507" in responses}
    for headers in (CROSS_SITE, FOREIGN_FORM):
        refused = {
            (method, path)
            for method, path, _ in operations
            if server.client.request(method, path.format(**EXAMPLES), headers=headers).status_code == 403
        }
        assert refused == told
    assert len(told) == 8


@pytest.mark.parametrize("site", [None, "none", "same-origin", "same-site"])
def test_clients_that_are_no_browsers_and_pages_of_the_service_itself_may(server: Server, site: str | None) -> None:
    headers = {} if site is None else {"Sec-Fetch-Site": site}

    assert server.client.post("/train", json=ROWS, headers=headers).status_code == 200


def test_what_changes_nothing_is_answered_to_every_page(server: Server) -> None:
    assert server.client.get("/models", headers=CROSS_SITE).status_code == 200
    assert server.client.post("/models/exam-score/predict", json=QUESTION, headers=CROSS_SITE).status_code == 200
    for path in ("/models/exam-score/versions/1/evaluate", "/models/exam-score/check"):
        assert server.client.post(path, json={"rows": TABLE}, headers=CROSS_SITE).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/docs", "/swagger/swagger-ui.css", "/models", "/nothing", "/openapi.json"])
def test_every_answer_says_that_it_is_what_it_says(server: Server, path: str) -> None:
    headers = server.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers  # nobody need know what answers


def test_so_does_the_fast_path(server: Server) -> None:
    assert server.client.post("/predict", json=QUESTION).headers["x-content-type-options"] == "nosniff"


def test_a_table_is_saved_and_not_shown(server: Server) -> None:
    version = server.train(TABLE, trainer=ROWS["trainer"]).json()["model_version"]

    answer = server.client.get(f"/models/exam-score/versions/{version}/table")

    assert answer.headers["content-disposition"] == f'attachment; filename="exam-score-{version}.csv"'


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1234", "127.0.0.1:80", "[::1]:8000", "[::1]"])
def test_a_service_of_its_own_machine_is_called_by_the_names_of_that(server: Server, host: str) -> None:
    assert server.client.get("/models", headers={"Host": host}).status_code == 200
    assert server.client.post("/predict", json=QUESTION, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example:80", ""])  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path", "body"), [*CHANGES, ("GET", "/models", None), ("POST", "/predict", QUESTION)]
)
def test_a_name_that_someone_had_point_here_is_refused(
    server: Server, host: str, method: str, path: str, body: object
) -> None:
    told = problem(server.client.request(method, path, json=body, headers={"Host": host}), 421)["detail"]

    assert "SCORECAST_ALLOWED_HOSTS" in told


def test_names_may_be_set_and_a_service_for_others_is_called_by_any() -> None:
    assert Settings(host="0.0.0.0").hosts == {"*"}  # noqa: S104 - nothing listens
    assert Settings(host="::1").hosts == Settings().hosts
    assert Settings(host="0.0.0.0", allowed_hosts="a.example, B.example").hosts == {"a.example", "b.example"}  # noqa: S104
    assert is_allowed_host("A.Example:443", Settings(allowed_hosts="a.example").hosts)
    assert is_allowed_host("any.example", Settings(allowed_hosts="*").hosts)
    assert not is_allowed_host("localhost", Settings(allowed_hosts="a.example").hosts)


def test_the_page_of_documentation_runs_no_script_but_those_that_are_served(server: Server) -> None:
    page = server.client.get("/docs")
    policy = page.headers["content-security-policy"]

    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"<script>|<script(?! src=)| on[a-z]+=|javascript:", page.text)
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert server.client.get(f"/{path}").status_code == 200
    assert server.client.get("/docs/start.js").headers["content-type"].startswith("text/javascript")
