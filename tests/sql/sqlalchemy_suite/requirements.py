"""What of SQLAlchemy's suite applies: everything that the engine can do. Reasons for what is closed stand in docs/python.md."""

from __future__ import annotations

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

OPEN = """
aggregate_order_by array_type autocommit boolean_col_expressions bound_limit_offset
comment_reflection comment_reflection_full_unicode
create_or_replace_view create_table_as create_temp_table_as ctes ctes_on_dml ctes_with_update_delete
ctes_with_values date_historic datetime_historic datetime_interval datetime_literals
datetime_timezone delete_from except_ expression_server_defaults
float_or_double_precision_behaves_generically has_temp_table
implicit_default_schema index_ddl_if_exists infinity_floats
intersect isolation_level json_type nullsordering order_by_label_with_expression
precision_numerics_enotation_large
primary_key_constraint_reflection regexp_match regexp_replace schemas
server_defaults supports_bitwise_and supports_bitwise_not supports_bitwise_or supports_bitwise_shift
supports_bitwise_xor supports_distinct_on table_ddl_if_exists table_value_constructor
temp_table_names temporary_views timestamp_microseconds tuple_in unicode_ddl update_from
uuid_data_type views window_functions window_range window_range_numeric
"""
CLOSED = """
independent_connections implements_get_lastrowid
check_constraint_reflection inline_check_constraint_reflection unique_constraint_reflection
reflects_pk_names foreign_key_constraint_name_reflection precision_numerics_many_significant_digits
"""


class Requirements(SuiteRequirements):
    """Opened or closed by name below."""


for _state, _names in ((exclusions.open, OPEN), (exclusions.closed, CLOSED)):
    for _name in _names.split():
        setattr(Requirements, _name, property(lambda self, state=_state: state()))


def _levels(self, config):
    return {"default": "AUTOCOMMIT", "supported": ["AUTOCOMMIT"]}


Requirements.get_isolation_levels = _levels
