"""Understanding posts: is it a result post, which metric values does it claim, which runs does it cite. Pure."""

from bot.claims.read import read_post
from bot.claims.reading import Delta, NearMiss, Reading, Reason

__all__ = ["Delta", "NearMiss", "Reading", "Reason", "read_post"]
