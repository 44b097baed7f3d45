"""The conjuncts of a WHERE clause that say something about one table and that DuckDB does not push, as predicates. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from driveql.sql.parameters import Parameters, value_of
from driveql.sql.predicates import And, Compare, IsNull, OneOf, Or, Predicate, StartsWith, Unknown
from driveql.sql.tables import GraphTable
from driveql.sql.tables.column import BOOLEAN, TEXT

# Alternations of AND and OR beyond this many say nothing that would save a request.
_DEEPEST = 40


class Conjuncts:
    """What a SELECT says about one of its tables.

    Parameters:
        alias: its name there. alone: whether a column without a table's name is its own.
    """

    def __init__(self, table: GraphTable, alias: str, alone: bool, parameters: Parameters) -> None:
        self._table, self._alias, self._alone, self._parameters = table, alias, alone, parameters

    def of(self, select: exp.Select) -> Iterator[Predicate]:
        """Yield the conjuncts of WHERE that DuckDB does not push."""
        where = select.args.get("where")
        if where is None:
            return
        parts = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
        for part in parts:
            predicate = self._read(part)
            if _is_news(predicate) and not self._is_pushed(part, predicate):
                yield predicate

    def _is_pushed(self, node: exp.Expr, predicate: Predicate) -> bool:
        """Return True for what DuckDB pushes by itself, where it stands below no outer join: a column compared with literals.

        What decides which drives are asked is not left to that.
        """
        decides = isinstance(predicate, Compare | OneOf) and predicate.column in self._table.scopes
        return isinstance(node.unnest(), exp.EQ | exp.In) and not decides

    def _read(self, node: exp.Expr, depth: int = 0) -> Predicate:
        node = node.unnest()
        if isinstance(node, exp.Or | exp.And):
            if depth == _DEEPEST:
                return Unknown()
            parts = tuple(self._read(part, depth + 1) for part in node.flatten())
            return Or(parts) if isinstance(node, exp.Or) else And(parts)
        column = self._column(node if isinstance(node, exp.Column) else node.this)
        if column is None or _says_more(node):
            return self._escaped(node)
        if isinstance(node, exp.Column):
            return self._flag(column, value=True)
        if isinstance(node, exp.Not):
            return self._flag(column, value=False)
        if isinstance(node, exp.Is):
            return IsNull(column) if isinstance(node.expression, exp.Null) else Unknown()
        if self._table.by_name[column].type != TEXT:
            return Unknown()
        if isinstance(node, exp.In):
            values = [self._text(option) for option in node.expressions if not isinstance(option, exp.Null)]
            known = tuple(v for v in values if v is not None)
            return OneOf(column, known) if len(known) == len(values) else Unknown()
        text = self._text(node.args.get("expression"))
        if text is None:
            return Unknown()
        if isinstance(node, exp.EQ | exp.NullSafeEQ):
            return Compare(column, "=", text)
        if isinstance(node, exp.StartsWith):
            return StartsWith(column, text) if text else Unknown()
        return _like(column, text, "") if type(node) is exp.Like else Unknown()

    def _escaped(self, node: exp.Expr) -> Predicate:
        """Read `column LIKE pattern ESCAPE character`."""
        inner = node.this
        if not isinstance(node, exp.Escape) or type(inner) is not exp.Like or _says_more(inner):
            return Unknown()
        column, pattern = self._column(inner.this), self._text(inner.args.get("expression"))
        escape = self._text(node.expression)
        if column is None or pattern is None or escape is None or len(escape) != 1:
            return Unknown()
        return _like(column, pattern, escape)

    def _flag(self, column: str, *, value: bool) -> Predicate:
        return Compare(column, "=", value) if self._table.by_name[column].type == BOOLEAN else Unknown()

    def _text(self, node: exp.Expr | None) -> str | None:
        """Return a text that is the same for every row: a literal, a parameter, or such texts joined by ||."""
        if isinstance(node, exp.Literal) and node.is_string:
            return str(node.this)
        if isinstance(node, exp.Paren):
            return self._text(node.this)
        if isinstance(node, exp.DPipe):
            left, right = self._text(node.left), self._text(node.right)
            return left + right if left is not None and right is not None else None
        value = value_of(node, self._parameters)
        return value if isinstance(value, str) else None

    def _column(self, node: object) -> str | None:
        if not isinstance(node, exp.Column) or node.args.get("db"):
            return None
        if not (node.table.lower() == self._alias.lower() if node.table else self._alone):
            return None
        name = node.name.lower()
        return name if name in self._table.by_name else None


def _is_news(predicate: Predicate) -> bool:
    """Return True for what DuckDB does not push by itself and what is worth knowing."""
    match predicate:
        case StartsWith():
            return True
        case Compare(_, "=", _):
            return True
        case OneOf():
            return True
        case Or(parts):
            return all(_is_known(part) for part in parts)
        case _:
            return False


def _is_known(predicate: Predicate) -> bool:
    match predicate:
        case And(parts):
            return any(_is_known(part) for part in parts)
        case Or(parts):
            return all(_is_known(part) for part in parts)
        case _:
            return not isinstance(predicate, Unknown)


def _says_more(node: exp.Expr) -> bool:
    """Return whether there is more than operator and operands, such as the negation in NOT LIKE, which changes what it says."""
    given = {key for key, value in node.args.items() if value}
    return not isinstance(node, exp.Column) and bool(given - {"this", "expression", "expressions"})


def _like(column: str, pattern: str, escape: str) -> Predicate:
    """Return what `LIKE` says: equality, or the text before the first wildcard."""
    prefix: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            following = next(characters, None)
            if following is None:
                return Unknown()
            prefix.append(following)
        elif character in "%_":
            return StartsWith(column, "".join(prefix)) if prefix else Unknown()
        else:
            prefix.append(character)
    return Compare(column, "=", "".join(prefix))
