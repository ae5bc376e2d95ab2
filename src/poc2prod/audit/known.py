"""Properties of a context that each check may ask for, and that are computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functools import cached_property

    known = cached_property
else:

    class known(property):  # noqa: N801  # reads like cached_property
        """A property that is computed once for all contexts of an audit: each check has its own."""

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            """Return the value, computed by the first who asks."""
            if instance is None:
                return self
            name = self.fget.__name__
            if name not in instance._known:  # noqa: SLF001
                instance._known[name] = self.fget(instance)  # noqa: SLF001
            return instance._known[name]  # noqa: SLF001
