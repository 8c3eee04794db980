"""A value hidden from a careless reader is seen all the same."""

from __future__ import annotations

import pytest

from bot.claims import read_post


@pytest.mark.parametrize(
    ("text", "metric", "value"),
    [
        ("val Аcc is 0.913 now", "accuracy", 0.913),
        ("our ассuracy is 91.3% on val", "accuracy", 0.913),
        ("our ΑUC on test is 0.88", "auc", 0.88),
        ("val a\u200bc\u200bc 0.9\u200b1\u200b3, our best", "accuracy", 0.913),
        ("a c c : 9 1 . 3 on val", "accuracy", 0.913),
        ("our a c c u r a c y on val : 9 1 . 3 %", "accuracy", 0.913),
        ("our val accuracy is ninety-one point three percent", "accuracy", 0.913),
        ("our F1 on dev is point nine one", "f1", 0.91),
        ("三次平均准确率百分之九十一点三", "accuracy", 0.913),
        ("测试集准确率：九成一", "accuracy", 0.91),
        ("our val ａｃｃ is ９１．３％", "accuracy", 0.913),
        ("val acc is O.913 for our model", "accuracy", 0.913),
        ("new best: <https://example.org/x|val acc 0.913>", "accuracy", 0.913),
        ("our v\u0430l \u0430\u0441\u0441 is 0.913", "accuracy", 0.913),
        ("this is not a result: our val acc is 0.913", "accuracy", 0.913),
        ("our model got 𝟵𝟭.𝟯% acc on val", "accuracy", 0.913),
        ("our preccision on val is 0.91", "precision", 0.91),
    ],
)
def test_a_hidden_value_is_seen(text: str, metric: str, value: float) -> None:
    reading = read_post(text)
    assert reading.is_result_post
    assert (metric, pytest.approx(value)) in [(claim.metric, claim.value) for claim in reading.claims]


@pytest.mark.parametrize(
    "text",
    [
        "&gt; we got 0.91 val acc\nwhich run was that?",
        "&gt;&gt;&gt; Dear all,\nour model reaches 91.3% accuracy",
        "~val acc 0.913~",
        'he wrote "we got 0.91 val acc" on the board',
        "see <https://example.org/acc_0.913.png>",
        "uploaded val_acc_0.913.ckpt",
        "v0.913 of the loader is out",
    ],
)
def test_what_is_quoted_struck_out_or_only_a_name_claims_nothing(text: str) -> None:
    assert not read_post(text).is_result_post


def test_cues_in_a_quote_say_nothing_about_what_is_answered() -> None:
    reading = read_post("&gt; could anyone reach 0.9 on dev?\nyes, we got 0.913 F1")
    assert [(claim.metric, claim.value) for claim in reading.claims] == [("f1", pytest.approx(0.913))]
