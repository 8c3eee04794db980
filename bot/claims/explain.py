"""Features in words for people."""

from __future__ import annotations

from functools import cache

_SCOPES = {
    "near": "just before it",
    "next": "just after it",
    "before": "before it in the clause",
    "after": "after it in the clause",
    "ahead": "earlier in the sentence",
    "behind": "later in the sentence",
    "else": "elsewhere in the post",
    "lead": "as the closest word before it",
    "trail": "as the closest word after it",
}
_CUES = {
    "own": "our own work",
    "reached": "something reached",
    "base_verb": "a wish to reach something",
    "now": "a state of things",
    "is": "a statement",
    "goal": "a goal or requirement",
    "future": "the future",
    "hypothetical": "a supposition",
    "wh": "a question word",
    "ask": "a question",
    "you": "the reader",
    "they": "somebody else",
    "said": "reported speech",
    "paper": "a publication or another's model",
    "negative": "a negation",
    "retract": "a retraction",
    "human": "people's scores",
    "life": "everyday life",
    "advice": "advice or an opinion",
    "topic": "a field of work",
    "agreement": "annotators' agreement",
    "hyper": "a hyperparameter",
    "system": "machines or organisation",
    "data": "facts about data",
    "example": "an example",
    "chance": "chance level",
    "base": "something compared with",
    "improve": "a change",
    "points": "points of change",
    "twice": "a multiple",
    "congrats": "congratulations",
    "thirdparty": "somebody's name",
    "model_noun": "a model or a run",
    "evalset": "an evaluation set",
    "casual": "casual talk",
    "mean": "a mean",
    "spread": "a spread",
    "tried": "something tried",
    "rule": "a rule of thumb",
    "best": "a best value",
    "last": "a last value",
    "quiet": "a metric's word in another sense",
    "metric": "a metric",
    "split": "a split",
}


def cues(parts: list[tuple[float, str]], most: int = 4) -> tuple[str, ...]:
    """The heaviest features as phrases, `+` before those in favour and `-` before those against."""
    return tuple(("+ " if weight > 0 else "- ") + phrase(name) for weight, name in parts[:most])


@cache
def phrase(name: str) -> str:
    """One feature in words."""
    scope, colon, cue = name.partition(":")
    if colon:
        return f"{_CUES.get(cue, cue)} {_SCOPES.get(scope, scope)}"
    return name.replace("_", " ")
