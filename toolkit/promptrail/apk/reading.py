"""An app's package files into its `Identity`: the parts in their order, and no step that stops the others."""

from contextlib import ExitStack
from pathlib import Path

from promptrail.apk.archive import Budget
from promptrail.apk.compiled import Compiled
from promptrail.apk.container import Handed, handed
from promptrail.apk.contents import Contents
from promptrail.apk.declared import declared
from promptrail.apk.frameworks import frameworks
from promptrail.apk.identity import NOT_STATED, SCHEMA, Identity, PackageFile
from promptrail.apk.limits import LINKS
from promptrail.apk.manifest import Manifest
from promptrail.apk.network_security import cleartext, user_certificates_trusted
from promptrail.apk.signatures import exodus, matches, shipped
from promptrail.apk.signing import certificates


def read(path: str | Path, *, obtained: str | None = None, trackers: str | Path | None = None) -> Identity:
    """The identity of the app at a path, in whatever form it was handed over.

    `obtained` is where, when and how it was got, in the user's words. `trackers` is a list in Exodus's format.
    InputError where there is no package; MissingTool without androguard. Everything else that cannot be read is in
    the identity's `unread`.
    """
    signatures = shipped() + (exodus(Path(trackers)) if trackers else ())
    budget, contents = Budget(), Contents()
    with ExitStack() as stack, Compiled() as compiled:
        source = handed(Path(path), budget, stack)
        for package in source.packages:
            contents.add(package.archive)
        app = declared(source.packages, compiled, budget)
        contents.declared(app)
        hosts = contents.hosts.result()
        base = app.manifests[app.base]
        allowed, because = cleartext(base, app.config)
        links = {link for one in app.manifests for link in one.deep_links}
        return Identity(
            schema=SCHEMA,
            form=source.form,
            obtained=obtained or NOT_STATED,
            files=_files(source, app.manifests, app.base),
            package=base.package,
            version_name=base.version_name,
            version_code=base.version_code,
            min_sdk=base.min_sdk,
            target_sdk=base.target_sdk,
            certificates=certificates(source.packages),
            permissions=tuple(sorted({name for one in app.manifests for name in one.permissions})),
            debuggable=base.debuggable,
            cleartext=allowed,
            cleartext_because=because,
            user_certificates_trusted=user_certificates_trusted(base, app.config),
            network_security=app.config,
            deep_links=tuple(sorted(links, key=str)[:LINKS]),
            abis=tuple(sorted(contents.abis)),
            frameworks=frameworks(contents.entries, contents.classes, contents.types, contents.loads_pages),
            google=app.google,
            sdks=matches(signatures, contents.classes, [host.name for host in hosts], contents.classes),
            hosts=hosts,
            class_count=len(contents.classes),
            unread=tuple(budget.unread),
        )


def _files(source: Handed, manifests: list[Manifest], base: int) -> tuple[PackageFile, ...]:
    """Every file that was read, the base first, with what it is."""
    out = [] if source.around is None else [source.around]
    for n, (package, one) in enumerate(zip(source.packages, manifests, strict=True)):
        role = "base" if n == base else f"split {one.split}" if one.split else "another base"
        out.append(PackageFile(package.name, role, package.size, package.sha256))
    return tuple(sorted(out, key=lambda file: (file.role != "base", file.role == "archive", file.name)))
