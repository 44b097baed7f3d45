"""SQLAlchemy's dialect tests, all of them; `left_out` says which do not hold here, and requirements what they may ask for."""

from sqlalchemy.testing.suite import *  # noqa: F403
