"""Evidence packages: a transcript with everything a stranger needs to verify it, in one ZIP."""

from typing import TYPE_CHECKING

from huidang.kernel.door import door

if TYPE_CHECKING:
    from huidang.exports.evidence.package import write

__all__ = ["write"]

__getattr__ = door(__name__, {"package": ("write",)})
