"""The SQL of the field's incumbent, translated into ours, so that its users can move; docs/migrating.md shows both.

Everything here is pure: a statement's text goes in, another one comes out.
"""

from __future__ import annotations

from driveql.sql.incumbent.translation import translate

__all__ = ["translate"]
