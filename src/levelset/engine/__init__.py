"""The engine: recipes, fleets, records and networks over the compiled core."""

from levelset.engine.fleet import Fleet, Networks, available_threads
from levelset.engine.member import Member
from levelset.engine.network import Network
from levelset.engine.recipe import Recipe
from levelset.engine.record import Progress, Record

__all__ = [
    "Fleet",
    "Member",
    "Network",
    "Networks",
    "Progress",
    "Recipe",
    "Record",
    "available_threads",
]
