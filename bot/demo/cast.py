"""Who plays: five members, what each of them trains, and the instructor who watches."""

from __future__ import annotations

from dataclasses import dataclass

PROJECT = "milestone-1"


@dataclass(frozen=True)
class Recipe:
    """One config of a member, trained once for each seed."""

    options: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Player:
    """A member of the team: handle, name for people, and the recipes that they try."""

    handle: str
    name: str
    recipes: tuple[Recipe, ...]


@dataclass(frozen=True)
class Job:
    """One training process of one member."""

    player: Player
    arguments: tuple[str, ...]


def recipe(options: str, *seeds: int) -> Recipe:
    return Recipe(tuple(options.split()), seeds)


PLAYERS = (
    Player("ada", "Ada Okafor", (recipe("--lr 0.01 --epochs 40", 1, 2, 3),)),
    Player("ben", "Ben Sørensen", (recipe("--optimizer sgd --lr 0.05 --epochs 40", 1, 2, 3),)),
    Player(
        "chen",
        "陈思远",
        (recipe("--model cnn --width 16 --lr 0.01 --epochs 30", 1), recipe("--width 32 --lr 0.003 --epochs 60", 7)),
    ),
    Player("dana", "Dana Levi", (recipe("--width 128 --dropout 0.3 --lr 0.005 --epochs 50", 1),)),
    Player("emil", "Emil Novák", (recipe("--width 16 --lr 0.01 --epochs 50", 4),)),
)
INSTRUCTOR = Player("ines", "Inés Ferrer", ())


def jobs() -> tuple[Job, ...]:
    """Every training process of the demo, the members taking turns."""
    queues = [
        [
            Job(player, (*recipe.options, "--seed", str(seed), "--project", PROJECT))
            for recipe in player.recipes
            for seed in recipe.seeds
        ]
        for player in PLAYERS
    ]
    longest = max(map(len, queues))
    return tuple(queue[turn] for turn in range(longest) for queue in queues if turn < len(queue))
