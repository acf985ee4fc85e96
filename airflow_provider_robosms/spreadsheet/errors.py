"""What can be wrong with a spreadsheet, for a person to fix: that part of :mod:`..exceptions`, where DAGs import it from."""

from ..exceptions import LockLost, SheetError, SheetUnavailable, TabExists, TabGone, WriteInDoubt

__all__ = ["LockLost", "SheetError", "SheetUnavailable", "TabExists", "TabGone", "WriteInDoubt"]
