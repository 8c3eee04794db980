"""Pages as a browser asks for them, without one: boards and their filters, columns, sweeps, pictures, cards."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from scipy import stats

from tests.tracker.server.conftest import House
from tracker import reads
from tracker.charts import board_of
from tracker.events import ArtifactLogged, DatasetLogged
from tracker.rules.replicates import mean_of
from tracker.server import desk
from tracker.server.pages.statistics import FIRST, SECOND
from tracker.settings import Settings
from tracker.store.pulse import results_pulse
from tracker.store.shown import everything

PNG = b"\x89PNG\r\n\x1a\n"
PROJECT = "/projects/milestone-1"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, list[str]]]:
    """A server with two settings of three seeds each, and a baseline; and the run IDs."""
    house = House(tmp_path_factory.mktemp("team")).start(require_login=False)
    with house.client() as client:
        runs = [
            house.run(
                client,
                seed=seed,
                config={"lr": lr, "parameters": size, "a/b": seeds + size},
                values={"val/accuracy": [0.1, best + seed / 1000], "train/loss": [1.0, 0.25]},
                tags=("baseline",) if lr == 0.1 else (),
                name=f"rate {lr}",
                artifacts=[DatasetLogged("digits", "ab" * 32, 5)],
            )
            for lr, best, size, seeds in ((0.001, 0.91, 900, 3), (0.01, 0.8, 5000, 3), (0.1, 0.7, 900, 1))
            for seed in range(1, seeds + 1)
        ]
    yield house, runs
    house.stop()


def page(team: tuple[Any, list[str]], path: str, status: int = 200) -> str:
    with team[0].client(Accept="text/html") as client:
        answer = client.get(path)
        assert answer.status_code == status, answer.text
        return str(answer.text)


def card(text: str) -> dict[str, str]:
    return dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', text))


def test_a_board_says_cost_gain_and_who_led(team: tuple[Any, list[str]]) -> None:
    text = page(team, f"{PROJECT}/board")
    assert "5,000" in text and "Over baseline" in text and "Who led when" in text
    assert text.count('class="seed"') == 6


@pytest.mark.parametrize(
    ("query", "rows"),
    [("", 3), ("?seeds=2", 2), ("?parameters=900", 2), ("?tag=baseline", 1), ("?member=nobody", 0),
     ("?badge=reproduced+by+member", 0), ("?badge=nonsense", 3)],
)  # fmt: skip
def test_a_board_is_filtered_by_its_address(team: tuple[Any, list[str]], query: str, rows: int) -> None:
    assert page(team, f"{PROJECT}/board{query}").count('<td class="rank">') == rows
    assert page(team, f"{PROJECT}/board?seeds=many", 422)


def test_the_pulse_is_what_the_board_was_drawn_from(team: tuple[Any, list[str]]) -> None:
    with team[0].client() as client:
        pulse = client.get(f"{PROJECT}/pulse").json()["pulse"]
        assert f'data-pulse="{pulse}"' in page(team, f"{PROJECT}/board")
        assert client.get("/projects/nothing/pulse").status_code == 404


def test_columns_are_those_of_the_address(team: tuple[Any, list[str]]) -> None:
    text = page(team, f"{PROJECT}?column=metric.train/loss&column=config.a/b&sort=-config.%22a/b%22")
    heads = re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]*)", text)
    assert heads[3:] == ["train/loss", "a/b"]
    assert re.findall(r'data-label="a/b">(\d+)', text)[2:4] == ["5003", "903"]
    assert 'value="config.a/b" checked' in text and 'value="config.lr">' in text


def test_plain_words_are_looked_for(team: tuple[Any, list[str]]) -> None:
    assert "1–3 of 3 runs" in page(team, f"{PROJECT}?where=rate+0.01")
    assert "1–1 of 1 runs" in page(team, f"{PROJECT}?where=baseline")


@pytest.mark.parametrize(
    "path", [f"{PROJECT}/board", "/runs/{0}", "/compare?runs={0},{3}", f"{PROJECT}", f"{PROJECT}/sweep"]
)
def test_every_view_has_a_card_with_a_picture(team: tuple[Any, list[str]], path: str) -> None:
    house, runs = team
    shown = card(page(team, path.format(*runs)))
    assert shown["title"] and shown["description"] and shown["url"].startswith(house.url)
    with house.client() as client:
        picture = client.get(shown["image"].replace("&amp;", "&"))
        assert picture.headers["content-type"] == "image/png" and picture.content.startswith(PNG)
        assert (
            client.get(shown["image"] + ("&" if "?" in shown["image"] else "?") + "dark=1").content != picture.content
        )


def test_two_runs_are_judged_with_their_replicates_and_everybody_gives_that_answer(team: tuple[Any, list[str]]) -> None:
    house, runs = team
    found = reads.compare(runs[3], runs[0], settings=Settings(house.folder, house.config.url, house.config.artifacts))
    told = page(team, f"/compare?runs={runs[3]},{runs[0]}")
    assert "3 seeds each" in found.verdict and "is better" in found.verdict and found.verdict in told
    with house.client() as client:
        assert client.get(f"/api/v1/comparison?runs={runs[3]},{runs[0]}").json()["verdict"] == found.verdict
    assert "what differs is the seed" in page(team, f"/compare?runs={runs[0]},{runs[1]}")
    many = page(team, f"/compare?runs={runs[0]},{runs[3]},{runs[6]}")
    assert f"{runs[0]} is the best of 3 rows" in many and "/sweep?where=id%20in%20" in many


def test_a_sweep_is_axes_and_values(team: tuple[Any, list[str]]) -> None:
    with team[0].client() as client:
        source = re.findall(r'data-source="(/api[^"]+)"', page(team, f"{PROJECT}/sweep"))[0]
        sweep = client.get(source).json()
        assert sweep["metric"]["name"] == "val/accuracy" and len(sweep["run_ids"]) == sweep["of"] == 7
        axes = {axis["name"]: axis["kind"] for axis in sweep["axes"]}
        assert axes == {"lr": "log", "parameters": "linear", "a/b": "linear"}
        some = page(team, f"{PROJECT}/sweep?where=config.lr+%3C+0.05")
        source = re.findall(r'data-source="(/api[^"]+)"', some)[0].replace("&amp;", "&")
        assert "6 finished runs" in some and len(client.get(source).json()["run_ids"]) == 6
        assert "3 finished runs" in page(team, f"{PROJECT}/sweep?where=rate+0.01")
    assert 'role="alert"' in page(team, f"{PROJECT}/sweep?where=%3D%3D", 400)


def test_importance_is_refused_with_what_is_missing(team: tuple[Any, list[str]]) -> None:
    assert "remedy" in page(team, f"{PROJECT}/sweep/importance")


def test_pictures_pulses_and_sweeps_ask_who_it_is(tmp_path: Path) -> None:
    house = House(tmp_path).start()
    try:
        with house.client(house.token("ada")) as client:
            run_id = house.run(client)
        with httpx.Client(base_url=house.url) as stranger:
            for path in (
                f"/runs/{run_id}/picture.png", f"{PROJECT}/board/picture.png", f"/compare/picture.png?runs={run_id}",
                f"{PROJECT}/pulse", f"{PROJECT}/sweep", f"{PROJECT}/sweep/picture.png", f"{PROJECT}/sweep/importance",
                "/statistics",
            ):  # fmt: skip
                assert stranger.get(path).status_code == 401, path
    finally:
        house.stop()


def test_importance_names_what_moved_the_metric(house: Any) -> None:
    house.start(require_login=False)
    rng = Random(4)
    with house.client() as client:
        batches = []
        for _ in range(40):
            config = {"lr": 10 ** rng.uniform(-4, -1), "noise": rng.random()}
            value = 0.9 - config["lr"] * 3 + rng.gauss(0, 0.002)
            batches.append(house.batch(config=config, values={"val/accuracy": [value]}))
        house.send(client, *batches)
        answer = client.get(f"{PROJECT}/sweep/importance", headers={"Accept": "text/html"}, timeout=150)
        assert re.search(r'data-order="lr\s+noise"', answer.text) and "holds" in answer.text
        # Running runs leave the answer alone, and everybody gets the same one; a run that ended makes another.
        house.run(client, end=None)
        told = client.get("/api/v1/projects/milestone-1/importance", timeout=150).json()
        assert told["sentence"] in html.unescape(answer.text) and told["configs"] == 40
        assert client.get(f"{PROJECT}/sweep/picture.png", timeout=150).content.startswith(PNG)
        context = house.context
        kept = desk.kept_importance(context.shelf, everything(context.db, house.now), "milestone-1")
        assert desk.kept_importance(context.shelf, everything(context.db, house.now), "milestone-1") is kept
        mark = results_pulse(context.db, "milestone-1", now=house.now)
        house.run(client, config={"lr": 0.5, "noise": 0.1})
        assert results_pulse(context.db, "milestone-1", now=house.now) != mark


def test_an_artifact_leads_to_who_made_and_who_used_it(house: Any) -> None:
    house.start(require_login=False)
    digest = "cd" * 32
    with house.client(Accept="text/html") as client:
        made = house.run(client, artifacts=[ArtifactLogged("clean.npz", digest, 5)])
        again = house.run(client, seed=8, artifacts=[ArtifactLogged("same.npz", digest, 5)])
        path = f"/artifacts/{made}/clean.npz"
        assert "as its data yet" in client.get(path).text
        used = house.run(client, project="next", artifacts=[DatasetLogged("digits", digest, 5)])
        text = client.get(path).text
    lineage = text[text.index("Lineage") :]
    assert list(re.findall(r'href="/runs/(r-\w+)"', lineage)) == [made, again, used]
    assert "as its data yet" not in lineage and card(text)["title"] == "clean.npz v1"


def test_the_page_of_formulas_says_what_the_rules_and_scipy_say(team: tuple[Any, list[str]]) -> None:
    for language, said in (("en", "How this is reckoned"), ("zh", "统计方法")):
        with team[0].client(Accept="text/html", **{"Accept-Language": language}) as client:
            text = client.get("/statistics").text
        assert said in text
        example = {name: body.replace("−", "-") for name, body in re.findall(r'class="example-(\w+)">([^<]+)', text)}
        low, high = stats.t.interval(0.95, 2, stats.tmean(FIRST.values), stats.sem(FIRST.values))
        assert [float(each) for each in example["interval"].split(" – ")] == pytest.approx([low, high], rel=1e-3)
        paired = stats.ttest_rel(SECOND.values, FIRST.values)
        assert float(example["p"]) == pytest.approx(paired.pvalue, rel=1e-3)
        assert float(example["difference"]) == pytest.approx(mean_of(SECOND).value - mean_of(FIRST).value, rel=1e-3)
        band = paired.confidence_interval()
        assert [float(each) for each in example["range"].split(" – ")] == pytest.approx([band.low, band.high], rel=1e-3)
        assert float(example["permutation"]) == 0.25
        for number in ("20,000", "1,000", "2.33", "0.95", "600"):
            assert number in text


def test_a_run_far_down_the_board_has_its_place_on_its_picture(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    house.start(require_login=False)
    with house.client() as client:
        runs = [house.run(client, config={"lr": at}, values={"val/accuracy": [0.1, 0.9 - at / 9]}) for at in range(3)]
        whole = client.get(f"/runs/{runs[2]}/picture.png").content
        monkeypatch.setattr(desk, "SHOWN_AT_MOST", 1)
        house.context.shelf._kept.clear()
        assert client.get(f"/runs/{runs[2]}/picture.png").content == whole
        ranking = desk.kept_board(house.context, everything(house.context.db, house.now), "milestone-1").value.ranking
        assert len(ranking.rows) == 1 and board_of(ranking).rows == 3
