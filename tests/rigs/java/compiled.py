"""The Java rigs' classes: sources beside this file in, a class path out, plain or obfuscated by ProGuard.

They are compiled once and kept in the temporary folder under the hash of what they were made from; the workers of a
test run share them. What is missing on this machine is a reason to skip, not an error.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from rigs.needs import missing_rig

SOURCES = Path(__file__).parent
JARS = [Path("/usr/share/java") / name for name in ("okhttp.jar", "okio.jar")]
"""Debian's libokhttp-java: OkHttp 3.13.1."""
MAVEN = {
    "com/squareup/okhttp3/okhttp/4.12.0": "okhttp-4.12.0.jar",
    "com/squareup/okio/okio-jvm/3.6.0": "okio-jvm-3.6.0.jar",
    "org/jetbrains/kotlin/kotlin-stdlib/1.9.10": "kotlin-stdlib-1.9.10.jar",
}
"""OkHttp 4 and what it needs, where Maven keeps what it fetched for anybody on this machine."""
PACKAGE = "allure-commandline@2.46.1"
OKHTTP_5 = {
    "okhttp-jvm-5.5.0.jar": "234194a04aac54858df0a750d243af7b2e39df5e4eb86e9912043ad33a9f9a52",
    "okio-jvm-3.18.1.jar": "b97b640557a650d15411f2be29aef558c4e422a83653cb18ba494311dbed18be",
    "kotlin-stdlib-2.2.21.jar": "6558a3d233da56a20934b32159f9db5f86ed5816ef098f78a2c223dc6abb79dd",
}
"""OkHttp 5 and what it needs, in an npm package that carries them for its own use."""
RELEASE = "8"
"""Class files that ProGuard 6 reads."""
CLASS_FILE = 52
"""Version of the class files of that release."""


def okhttp() -> str:
    """The class path of the rigs' apps with OkHttp as it is published."""
    return os.pathsep.join(map(str, [classes(), *jars()]))


def obfuscated() -> str:
    """The same apps and OkHttp in one jar, every name in them changed by ProGuard but PinnedClient's own."""
    return obfuscated_with(jars())


def okhttp4() -> str:
    """The same apps with OkHttp 4.12."""
    return os.pathsep.join(map(str, [classes(), *maven()]))


def okhttp4_obfuscated() -> str:
    return obfuscated_with(maven())


def okhttp5() -> str:
    """The same apps with OkHttp 5.5."""
    folder = made("okhttp-5", fetched, [])
    return os.pathsep.join(map(str, [classes(), *(folder / name for name in OKHTTP_5)]))


def fetched(target: Path) -> None:
    """The jars of OkHttp 5 out of an npm package, each by its hash; nothing else of that package is kept."""
    needs("npm")
    target.mkdir()
    done = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=target, capture_output=True, text=True)
    if done.returncode:
        missing_rig(f"needs {PACKAGE}, which npm could not get: {done.stderr[-300:]}")
    archive = target / done.stdout.split()[-1]
    with tarfile.open(archive) as whole:
        for name, sha256 in OKHTTP_5.items():
            member = whole.extractfile(f"package/dist/plugins/jira-plugin/lib/{name}")
            assert member is not None
            data = member.read()
            assert hashlib.sha256(data).hexdigest() == sha256, name
            (target / name).write_bytes(data)
    archive.unlink()


def obfuscated_with(libraries: list[Path]) -> str:
    needs("java", "javac", "proguard")
    return str(made("obfuscated", lambda target: obfuscate(target, libraries), [*sources(), *libraries]))


def doubles() -> str:
    """Doubles of Android's classes, and the app that calls them: names and signatures, none of the behaviour."""
    needs("java", "javac")
    files = sorted((SOURCES / "doubles").rglob("*.java"))
    return str(made("doubles", lambda target: javac(files, target), files))


def modern() -> str:
    """Apps that need a platform later than Java 8."""
    needs("java", "javac")
    files = sorted((SOURCES / "modern").glob("*.java"))
    return str(made("modern", lambda target: javac(files, target, release="11"), files))


def classes() -> Path:
    """The rigs' apps."""
    needs("java", "javac")
    return made("classes", lambda target: javac(sources(), target, *jars()), [*sources(), *jars()])


def sources() -> list[Path]:
    return sorted(SOURCES.glob("*.java"))


def needs(*programs: str) -> None:
    absent = [name for name in programs if shutil.which(name) is None]
    if absent:
        missing_rig(f"needs {', '.join(absent)} (openjdk-17-jdk-headless, proguard)")


def jars() -> list[Path]:
    absent = [str(jar) for jar in JARS if not jar.is_file()]
    if absent:
        missing_rig(f"needs {', '.join(absent)} (libokhttp-java)")
    return JARS


def maven() -> list[Path]:
    files = [Path.home() / ".m2" / "repository" / folder / name for folder, name in MAVEN.items()]
    absent = [file.name for file in files if not file.is_file()]
    if absent:
        missing_rig(f"needs {', '.join(absent)} in Maven's repository (mvn dependency:get)")
    return files


def made(name: str, make: Callable[[Path], None], of: list[Path]) -> Path:
    """What `make` puts into a path, made once of these files."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in of:
        digest.update(file.name.encode() + file.read_bytes())
    kept = Path(tempfile.gettempdir()) / f"promptrail-rigs-{os.getuid()}"
    kept.mkdir(mode=0o700, exist_ok=True)
    target = kept / f"{name}-{digest.hexdigest()[:16]}"
    with FileLock(f"{target}.lock"):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=kept) as draft:
                make(Path(draft) / name)
                os.replace(Path(draft) / name, target)
    return target


def javac(files: list[Path], target: Path, *path: Path, release: str = RELEASE) -> None:
    target.mkdir()
    options = ["--release", release, "-nowarn", "-Xlint:-options", "-d", str(target)]
    run(["javac", *options, "-cp", os.pathsep.join(map(str, path)), *map(str, files)])


def obfuscate(target: Path, libraries: list[Path]) -> None:
    platform = target.with_name("platform.jar")
    platform_classes(platform)
    words = ["-injars", str(classes())]
    for jar in libraries:
        words += ["-injars", f"{jar}(!META-INF/**)"]
    words += ["-libraryjars", str(platform), "-outjars", f"{target}.jar", "-dontwarn", "-dontnote"]
    words += ["-ignorewarnings", "-dontshrink", "-dontoptimize", "-repackageclasses", "''"]
    words += ["-keepattributes", "Exceptions,InnerClasses,Signature"]
    words += ["-keep", "class PinnedClient { public static void main(java.lang.String[]); }"]
    # It finds its list by its own name.
    words += ["-keep", "class okhttp3.internal.publicsuffix.PublicSuffixDatabase"]
    run(["proguard", *words])
    os.replace(f"{target}.jar", target)


def platform_classes(jar: Path) -> None:
    """The platform's signatures as a jar: a JDK from 9 on keeps those of older releases in ct.sym, under .sig."""
    home = Path(shutil.which("javac") or "").resolve().parents[1]
    with zipfile.ZipFile(home / "lib" / "ct.sym") as symbols, zipfile.ZipFile(jar, "w") as out:
        for entry in sorted(symbols.namelist()):
            releases, _, name = entry.partition("/")
            if (
                RELEASE in releases
                and name.endswith(".sig")
                and name.removesuffix(".sig") not in out.NameToInfo
            ):
                data = bytearray(symbols.read(entry))
                data[6:8] = CLASS_FILE.to_bytes(2, "big")
                out.writestr(f"{name.removesuffix('.sig')}.class", bytes(data))


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
