"""The dashboard: whole, with panels that do not lie upon each other, and with a panel for every metric of ours."""

from itertools import combinations

from app.metrics.families import COUNTED, OBSERVED
from tests.support.deployed import DASHBOARD, panels

SHOWN_BY_MODEL = {"scorecast_model_predictions_total"}


def test_it_has_what_grafana_needs() -> None:
    assert DASHBOARD["title"] == "Scorecast"
    assert DASHBOARD["uid"] == "scorecast"
    assert DASHBOARD["schemaVersion"] > 30
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource", "job"]
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["type"] in {"stat", "timeseries"}
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert 'job="$job"' in target["expr"]


def test_panels_and_their_queries_can_be_told_apart() -> None:
    assert len({panel["id"] for panel in panels()}) == len({panel["title"] for panel in panels()}) == len(panels())
    for panel in panels():
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_no_panel_lies_upon_another_and_none_sticks_out() -> None:
    places = [panel["gridPos"] for panel in panels()]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


def test_every_metric_is_shown() -> None:
    text = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    assert not {name for name in (*COUNTED, *OBSERVED) if name not in text}
