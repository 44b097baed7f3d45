"""Faults by plan: what a tenant does wrong, told beforehand as data, and accounted for afterwards."""

from graph_emulator.faults.damage import Delay, Drop, DropBefore, EmptyBody, IgnoreRange, NotJson, Truncate
from graph_emulator.faults.effect import Effect
from graph_emulator.faults.entry import Fault
from graph_emulator.faults.lag import NotFoundAfterCreate
from graph_emulator.faults.pages import EmptyPage, ForeignNextLink, RepeatedNextLink
from graph_emulator.faults.plan import FaultPlan
from graph_emulator.faults.refusals import ClaimsChallenge, ExpiredUrl, Locked, Refuse, Resync

__all__ = [
    "ClaimsChallenge",
    "Delay",
    "Drop",
    "DropBefore",
    "Effect",
    "EmptyBody",
    "EmptyPage",
    "ExpiredUrl",
    "Fault",
    "FaultPlan",
    "ForeignNextLink",
    "IgnoreRange",
    "Locked",
    "NotFoundAfterCreate",
    "NotJson",
    "Refuse",
    "RepeatedNextLink",
    "Resync",
    "Truncate",
]
