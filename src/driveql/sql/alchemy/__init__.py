"""A SQLAlchemy dialect: `create_engine("driveql://NAME")`. Its name differs from the package's, so that nothing shadows it."""

from __future__ import annotations

from driveql.sql.alchemy.dialect import DriveqlDialect
from driveql.sql.alchemy.types import INTERVAL, MAP, STRUCT

__all__ = ["INTERVAL", "MAP", "STRUCT", "DriveqlDialect"]
