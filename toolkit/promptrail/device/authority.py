"""The proxy's certificate authority of a case: a case in, the folder of its CA out, made when it is not there.

Each case has its own, so that a device which trusted it for one investigation trusts nothing else. The key never
leaves CASE/private; modes are 0700 and 0600.
"""

import shutil
import tempfile
from pathlib import Path

from promptrail.case import Case
from promptrail.errors import MissingTool

CERTIFICATE = "mitmproxy-ca-cert.pem"
"""The public part, which a client has to trust."""


def authority(case: Case) -> Path:
    """mitmproxy's `confdir` for this case. MissingTool where mitmproxy is not installed."""
    folder = case.private / "mitmproxy"
    if (folder / CERTIFICATE).exists():
        return folder
    try:
        from mitmproxy.certs import CertStore
    except ImportError as e:
        raise MissingTool(
            "Recording needs mitmproxy, which is not installed: pip install 'promptrail[capture]'."
        ) from e
    draft = Path(tempfile.mkdtemp(dir=case.private, prefix="mitmproxy."))  # 0700
    CertStore.create_store(draft, "mitmproxy", 2048, organization="promptrail", cn="promptrail case CA")
    for file in draft.iterdir():
        file.chmod(0o600)
    try:
        draft.rename(folder)  # whole or not at all: two proxies may start at once
    except OSError:
        shutil.rmtree(draft)
    return folder
