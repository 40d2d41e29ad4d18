"""A mypy plugin that gives ``Record.replace`` the fields of each record as its keyword arguments, with their types."""

from collections.abc import Callable

from mypy.nodes import ARG_NAMED_OPT, Var
from mypy.plugin import MethodSigContext, Plugin
from mypy.types import FunctionLike, Instance, TypeVarType, get_proper_type

RECORD = "exactsend.domain.records.Record"


class RecordPlugin(Plugin):
    """Checks the changes that are passed to ``replace`` of a record."""

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        """The hook for methods called ``replace``; None for all others."""
        return _typed_replace if fullname.endswith(".replace") and fullname.startswith("exactsend.") else None


def _typed_replace(context: MethodSigContext) -> FunctionLike:
    record = get_proper_type(context.type)
    if isinstance(record, TypeVarType):
        record = get_proper_type(record.upper_bound)
    if not isinstance(record, Instance) or not record.type.has_base(RECORD):
        return context.default_signature
    fields = {
        name: symbol.node.type
        for info in reversed(record.type.mro)
        if info.has_base(RECORD)
        for name, symbol in info.names.items()
        if isinstance(symbol.node, Var) and symbol.node.type is not None and not symbol.node.is_classvar
    }
    return context.default_signature.copy_modified(
        arg_types=list(fields.values()), arg_kinds=[ARG_NAMED_OPT] * len(fields), arg_names=list(fields)
    )


def plugin(_version: str) -> type[Plugin]:
    """What mypy loads."""
    return RecordPlugin
