"""Only the app that the case names is recorded or hooked; another one needs a reason, and the reason is logged."""

from promptrail.case.folder import Case
from promptrail.case.settings import NOT_STATED
from promptrail.errors import CaseError


def permit(case: Case, package: str | None, because: str | None, action: str) -> None:
    """CaseError if `package` is not the case's own and no reason is given; writes one line to the log otherwise."""
    own = case.app["package"]
    if package is None or package == own:
        case.log(action, package=own)
        return
    if not (because or "").strip():
        named = f"names {own}" if own != NOT_STATED else "names no package"
        raise CaseError(
            f"{case.path}: this case {named}, not {package}. Examine only what you may: "
            f"give --because TEXT to go on all the same; it is written to {case.path}/log.jsonl."
        )
    case.log(action, package=package, because=because)
