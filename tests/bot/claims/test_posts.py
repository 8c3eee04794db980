"""The reading of posts that no weight was trained on: our own, labelled, in many languages and wordings."""

from __future__ import annotations

import pytest

from bot.claims import read_post
from tests.bot.claims.scoring import POSTS, labelled, score

ROWS = labelled()
FRESH = labelled(POSTS.with_name("fresh.jsonl"))
"""Written blind, kind by kind, and never trained on."""


def test_result_posts_and_claims_are_found_in_posts_never_trained_on() -> None:
    total = score(ROWS, [read_post(row["text"]) for row in ROWS])
    assert len(ROWS) >= 150
    assert total.posts.f1 >= 0.94, total.wrong
    assert total.claims.f1 >= 0.94, total.wrong


def test_posts_of_every_kind_written_blind_are_read() -> None:
    total = score(FRESH, [read_post(row["text"]) for row in FRESH])
    assert len(FRESH) >= 120
    assert len({row["kind"] for row in FRESH}) >= 25
    assert total.posts.f1 >= 0.95, total.wrong
    assert total.claims.f1 >= 0.95, total.wrong
    assert total.ids.f1 >= 0.99


@pytest.mark.parametrize("lang", ["en", "zh", "other"])
def test_no_language_is_left_behind(lang: str) -> None:
    rows = [row for row in ROWS if row["lang"] == lang]
    total = score(rows, [read_post(row["text"]) for row in rows])
    assert total.posts.f1 >= 0.93, total.wrong
    assert total.claims.f1 >= 0.92, total.wrong


def test_splits_are_read_where_they_are_written() -> None:
    asked = right = 0
    for row in ROWS:
        reading = read_post(row["text"])
        for gold in row["claims"]:
            if "split" in gold:
                for claim in reading.claims:
                    if claim.metric == gold["metric"] and claim.value == pytest.approx(gold["value"]):
                        asked += 1
                        right += claim.split == gold["split"]
                        break
    assert asked > 30
    assert right / asked >= 0.85


def test_a_claim_says_the_number_as_written_and_the_decimals_it_fixes() -> None:
    for text, written, value, digits in (
        ("val acc 88.2 %", "88.2 %", 0.882, 3),
        ("val acc 0.882", "0.882", 0.882, 3),
        ("we reached 88 accuracy on val", "88", 0.88, 2),
        ("BLEU 27.3 on test", "27.3", 27.3, 1),
        ("验证集准确率 ９１．２％", "９１．２％", 0.912, 3),
        ("La précision est de 0,91", "0,91", 0.91, 2),
    ):
        (claim,) = read_post(text).claims
        assert (claim.as_written, claim.value, claim.digits) == (written, pytest.approx(value), digits)
        assert written in text


def test_best_last_and_comparators_are_read() -> None:
    best, last = read_post("val F1: best 0.812, last 0.797").claims
    assert (best.aggregate, last.aggregate) == ("best", "last")
    assert read_post("we finally broke 0.9 dice on val, r-7K3M9QX2").claims[0].comparator == ">"
    assert read_post("our WER is around 8.4% on dev now").claims[0].comparator == "~"


def test_a_change_alone_is_a_result_without_claims() -> None:
    reading = read_post("The new sampler improved our mAP by 1.4 points (r-7K3M9QX2)")
    assert reading.is_result_post
    assert reading.claims == ()
    assert [delta.value for delta in reading.deltas] == [pytest.approx(0.014)]


def test_every_decision_names_its_cues() -> None:
    reading = read_post("Goal for Friday is 95, val acc is at 88.2 now, lr 3e-4")
    assert {reason.as_written: reason.kind for reason in reading.reasons} == {
        "95": "left",
        "88.2": "claim",
        "3e-4": "left",
    }
    assert all(reason.cues for reason in reading.reasons)
    assert any("goal" in cue for cue in reading.reasons[0].cues)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("sweep: 0.1 → F1 0.71, 0.2 → F1 0.74 (r-7K3M9QX2)", [0.71, 0.74]),
        ("our depth net: RMSE 0.94 m on val", [0.94]),
        ("电价预测 RMSE 12.4 元，我们的新模型", [12.4]),
        ("vol model on val: MAE 0.021, R2 0.11 out of sample", [0.021, 0.11]),
        ("our R2 is -0.4 on test", [-0.4]),
        ("our val accuracy over 20 splits: 77.4%, s.d. 2.2", [0.774]),
        ("Train Epoch: 1 [81920/84843 (96%)]\tLoss: 1.0719", [1.0719]),
        ("epoch 12/30: 100%|██████| 1240/1240 [04:12<00:00, 4.91it/s, loss=0.0628]", [0.0628]),
        ("Test set: Accuracy: 6325/11005 (57%)", [0.57]),
        ("Notes\n- relabelled invoices, 4% had swapped totals\n- our layout model: F1 86.1 on test", [0.861]),
        ("our F1 was 0.70 on val.\nAfter the relabelling it is 0.76", [0.70, 0.76]),
        ("车牌识别率目前 96.4%，夜间还差一点", [0.964]),
        ("we get 84% success in sim, 52% on the real arm", [0.84, 0.52]),
        ("Thanks to Ana's cleanup script the yield regressor is now at 0.91 RMSE on test", [0.91]),
        ("MAPE on the SKU level = 8.4%, our new model", [0.084]),
        ("our depth net: 0.41 m MAE on val", [0.41]),
        ("reward = 0.7 * format + 0.3 * correctness", []),
        ("our hotel review model gets 0.81 F1 on test", [0.81]),
        ("我们的垃圾邮件分类准确率 90.2%", [0.902]),
    ],
)
def test_settings_units_and_spreads_are_no_values_and_hide_none(text: str, values: list[float]) -> None:
    assert [claim.value for claim in read_post(text).claims] == [pytest.approx(value) for value in values]


def test_a_percentage_shares_the_metric_before_it() -> None:
    claims = read_post("we get 84% success in sim, 52% on the real arm").claims
    assert [claim.metric for claim in claims] == ["success_rate", "success_rate"]


@pytest.mark.parametrize(
    "text", ["F1 提升两个点，数据清洗有用", "prompt 改了一下，F1 涨 1 个 point", "self-training brought 0.4 F1"]
)
def test_a_change_in_few_points_is_a_change(text: str) -> None:
    reading = read_post(text)
    assert reading.is_result_post
    assert not reading.claims
    assert len(reading.deltas) == 1


def test_a_word_that_no_list_knows_is_told_among_the_reasons() -> None:
    cues = [cue for text in ("0.91 with your patch", "96% after the fix") for cue in _cues(text)]
    assert any("in the sentence" in cue or "right" in cue for cue in cues)


def _cues(text: str) -> list[str]:
    return [cue for reason in read_post(text).reasons for cue in reason.cues]
