"""Values that Arrow gives only where pandas is installed, which driveql does not need."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from driveql.sql.values import _written


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_nanoseconds_keep_their_zone(zone: str | None) -> None:
    moment = datetime(1970, 1, 1, microsecond=1, tzinfo=UTC if zone else None)
    assert _written(pa.scalar(1_500, pa.timestamp("ns", zone))) == moment
