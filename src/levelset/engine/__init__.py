"""The engine: recipes, fleets, records and networks over the compiled core."""

from levelset.engine.fleet import Fleet, Networks
from levelset.engine.heads import Head
from levelset.engine.machine import available_threads
from levelset.engine.member import Member
from levelset.engine.network import Gradient, Network
from levelset.engine.recipe import Recipe
from levelset.engine.record import Progress, Record

__all__ = [
    "Fleet",
    "Gradient",
    "Head",
    "Member",
    "Network",
    "Networks",
    "Progress",
    "Recipe",
    "Record",
    "available_threads",
]
