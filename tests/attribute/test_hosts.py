"""Seventy-odd hosts and addresses with the expected answer and source in each column, "cannot tell" among them.

The hosts of the reference case, their look-alikes, every spelling of a host, addresses of delivery networks, reserved
names and plain unknowns. A cell is `answer <source>`; `?` is "not determinable", `-` is "not known".
"""
# ruff: noqa: E501
# A row of the table is read as a row.

import socket
from pathlib import Path

import pytest

from attribute.databases import ALIBABA, write
from promptrail.attribute.csv_ranges import read
from promptrail.attribute.dossier import dossier
from promptrail.attribute.observed import Observed
from promptrail.attribute.recipients import about, who
from promptrail.attribute.sources import Sources, installed
from promptrail.attribute.subjects import subject
from promptrail.attribute.table import Proof

QUESTIONS = ("domain_owner", "service_operator", "network_operator", "address_country", "corporate_group")
SHORT = {
    "AWS": "Amazon Web Services",
    "AWS (CloudFront)": "Amazon Web Services (Amazon CloudFront)",
    "Shumei": "Shumei (ishumei)",
    "Cloudflare (resolver)": "Cloudflare (resolver 1.1.1.1)",
    "Google (front ends)": "Google (Google front ends)",
    "ByteDance (affiliate)": "ByteDance (PIPC: an affiliate, and a separate legal entity)",
}
SOURCES = {
    "v2fly": "v2fly/domain-list-community",
    "tpw": "third-party-web",
    "har": "TrackHAR adapters",
    "wtm": "WhoTracks.me",
    "statsig": "Statsig documentation",
    "sdk": "DataDog/browser-sdk",
    "mistral": "Mistral AI, terms",
    "character": "Character.AI privacy policy",
    "policy": "DeepSeek, privacy policy",
    "volcano": "Volcano Engine documentation",
    "pipc": "PIPC, as reported by",
    "rir": "RIR allocation, iptocc",
    "aws": "AWS ip-ranges.json",
    "resolver": "Cloudflare documentation",
    "cloudflare": "Cloudflare IP ranges",
    "fastly": "Fastly public IP list",
    "google": "goog.json less cloud.json",
    "iana": "IANA special-purpose",
    "suffix": "a public suffix",
    "no table": "no imported table names the network",
    "customer": "below a private suffix",
}
# host, @ an address at which it was seen | registrable domain | owner | operator | network | country | group
TABLE = """
chat.deepseek.com @ 3.173.21.63 | deepseek.com | DeepSeek <v2fly> | DeepSeek <policy> | AWS (CloudFront) <aws> | ? <aws> | -
gator.volces.com @ 43.109.38.198 | volces.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | <no table> | SG <rir> | ByteDance (affiliate) <pipc>
apmplus.volces.com @ 43.109.39.199 | volces.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | <no table> | SG <rir> | ByteDance (affiliate) <pipc>
tab.volces.com | volces.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
apm.volccdn.com | volccdn.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
lf3-data.volccdn.com | volccdn.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
klink.volceapplog.com | volceapplog.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
www.volcengine.com | volcengine.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
bytedance.com | bytedance.com | ByteDance <v2fly> | - | - | - | ByteDance <v2fly>
log.snssdk.com | snssdk.com | ByteDance <v2fly> | - | - | - | ByteDance <v2fly>
xlog.byteoversea.com | byteoversea.com | ByteDance <v2fly> | - | - | - | ByteDance <v2fly>
ctobsnssdk.com | ctobsnssdk.com | ByteDance <v2fly> | - | - | - | ByteDance <v2fly>
fp-sa-it-acc.fengkongcloud.com | fengkongcloud.com | Shumei <v2fly> | Shumei <pipc> | - | - | -
fp-it-acc.portal101.cn | portal101.cn | Shumei <v2fly> | Shumei <pipc> | - | - | -
api-device-eur.fengkongcloud.com | fengkongcloud.com | Shumei <v2fly> | Shumei <pipc> | - | - | -
api.intercom.io | intercom.io | Intercom <v2fly> | Intercom <tpw> | - | - | -
js.intercomcdn.com | intercomcdn.com | Intercom <v2fly> | Intercom <tpw> | - | - | -
xyz.cloudfront.net | xyz.cloudfront.net | AWS <v2fly> | <customer> | - | - | -
cloudfront.net | - | AWS <v2fly> | <suffix> | - | - | -
www.cmpassport.com | cmpassport.com | China Mobile <v2fly> | - | - | - | -
api.statsig.com | statsig.com | Statsig <statsig> | Statsig <statsig> | - | - | -
prodregistryv2.org | prodregistryv2.org | Statsig <statsig> | Statsig <statsig> | - | - | -
character.ai | character.ai | Character.AI <character> | Character.AI <character> | - | - | -
replika.ai | replika.ai | - | - | - | - | -
101.126.0.1 | - | - | - | <no table> | CN <rir> | -
1.1.1.1 | - | - | - | Cloudflare (resolver) <resolver> | ? <resolver> | -
71.18.1.1 | - | - | - | <no table> | US <rir> | -
71.18.255.255 | - | - | - | <no table> | US <rir> | -
43.109.38.198 | - | - | - | <no table> | SG <rir> | -
netflix.com | netflix.com | - | - | - | - | -
notvolces.com | notvolces.com | - | - | - | - | -
volces.com.evil.test | evil.test | - | - | - | - | -
evil-volces.com | evil-volces.com | - | - | - | - | -
VOLCES.COM. | volces.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
gator.volces.com:443 | volces.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
https://gator.volces.com/list?x=1 | volces.com | Volcano Engine <v2fly> | Volcano Engine <volcano> | - | - | ByteDance (affiliate) <pipc>
[2606:4700::1111]:443 | - | - | - | Cloudflare <cloudflare> | ? <cloudflare> | -
2606:4700:4700::1111 | - | - | - | Cloudflare (resolver) <resolver> | ? <resolver> | -
2001:db8::1 | - | - | - | ? <iana> | ? <iana> | -
::ffff:1.1.1.1 | - | - | - | Cloudflare (resolver) <resolver> | ? <resolver> | -
192.0.2.7 | - | - | - | ? <iana> | ? <iana> | -
10.0.2.2 | - | - | - | ? <iana> | ? <iana> | -
127.0.0.1 | - | - | - | ? <iana> | ? <iana> | -
8.8.8.8 | - | - | - | Google (front ends) <google> | ? <google> | -
151.101.1.69 | - | - | - | Fastly <fastly> | ? <fastly> | -
142.250.74.46 | - | - | - | Google (front ends) <google> | ? <google> | -
104.16.132.229 | - | - | - | Cloudflare <cloudflare> | ? <cloudflare> | -
münchen.de | xn--mnchen-3ya.de | - | - | - | - | -
xn--mnchen-3ya.de | xn--mnchen-3ya.de | - | - | - | - | -
com | - | <suffix> | <suffix> | - | - | -
co.uk | - | <suffix> | <suffix> | - | - | -
ingest.brightmoor.test | brightmoor.test | - | - | - | - | -
api.tidedesk.example | tidedesk.example | - | - | - | - | -
a..b | - | - | - | - | - | -
0x7f.1 | - | - | - | - | - | -
www.microvirt.com | microvirt.com | - | - | - | - | -
chatgpt.com | chatgpt.com | OpenAI <v2fly> | - | - | - | -
ab.chatgpt.com | chatgpt.com | OpenAI <v2fly> | - | - | - | -
claude.ai | claude.ai | Anthropic <v2fly> | - | - | - | -
api.mistral.ai | mistral.ai | Mistral AI <mistral> | Mistral AI <mistral> | - | - | -
grok.com | grok.com | xAI <v2fly> | - | - | - | -
kimi.com | kimi.com | Moonshot AI <v2fly> | - | - | - | -
www.doubao.com | doubao.com | Doubao <v2fly> | - | - | - | ByteDance <v2fly>
hm.baidu.com | baidu.com | Baidu <v2fly> | Baidu <tpw> | - | - | -
o33249.ingest.sentry.io | sentry.io | Sentry <v2fly> | Sentry <tpw> | - | - | -
graph.facebook.com | facebook.com | Meta (Facebook) <har> | Meta (Facebook) <har> | - | - | -
www.facebook.com | facebook.com | Meta (Facebook) <v2fly> | Meta (Facebook) <tpw> | - | - | -
app.adjust.com | adjust.com | Adjust <har> | Adjust <har> | - | - | -
api2.branch.io | branch.io | Branch <tpw> | Branch <har> | - | - | -
c.clarity.ms | clarity.ms | Microsoft <v2fly> | Microsoft <tpw> | - | - | Microsoft <tpw>
firebaselogging-pa.googleapis.com | firebaselogging-pa.googleapis.com | Google <v2fly> | Google <tpw> | - | - | -
app-measurement.com | app-measurement.com | Google <v2fly> | - | - | - | -
myapp.firebaseapp.com | myapp.firebaseapp.com | Google <v2fly> | <customer> | - | - | -
rum.browser-intake-datadoghq.com | browser-intake-datadoghq.com | Datadog <sdk> | Datadog <sdk> | - | - | -
browser-intake-datadoghq.com.evil.test | evil.test | - | - | - | - | -
e123.a.akamaiedge.net | a.akamaiedge.net | Akamai <v2fly> | <customer> | - | - | -
mysite.workers.dev | mysite.workers.dev | Cloudflare <v2fly> | <customer> | - | - | -
customer.myqcloud.com | myqcloud.com | Tencent Cloud <v2fly> | - | - | - | Tencent <v2fly>
t.co | t.co | Twitter (X) <v2fly> | - | - | - | -
x.com | x.com | Twitter (X) <v2fly> | - | - | - | -
"""
CASES = [line.split(" | ") for line in TABLE.strip().splitlines()]


def test_the_table_is_long_enough() -> None:
    """At least sixty, each once."""
    assert len(CASES) >= 60 and len({case[0] for case in CASES}) == len(CASES)


@pytest.mark.parametrize(("row"), CASES, ids=lambda row: row[0])
def test_each_column_has_its_answer_and_source(row: list[str]) -> None:
    """Five columns, never merged; nothing is inferred from the one beside it."""
    given, domain, *cells = row
    host, _, at = given.partition(" @ ")
    seen = [subject(at).address] if at else []
    found = dossier(who([host], addresses={host: [a for a in seen if a]}))
    assert (found["registrable_domain"] or "-") == domain
    for question, wanted in zip(QUESTIONS, cells, strict=True):
        answer, _, source = wanted.removesuffix(">").partition("<")
        answer = answer.strip()
        cell = found[question]
        told = cell["value"] or {"not determinable": "?", "not known": "-"}[cell["status"]]
        assert told == (SHORT.get(answer, answer) or "-"), question
        assert not source or cell["source"].startswith(SOURCES[source]), (question, cell["source"])


def test_an_alibaba_address_and_a_volcano_host_are_both_told(tmp_path: Path) -> None:
    """The counter-example of the reference case: the domain says Volcano Engine, the network Alibaba; flagged."""
    file = write(tmp_path / "asn.csv", ALIBABA)
    base = installed()
    sources = Sources(
        base.suffixes, base.table, base.networks, base.registry, (read(file, Proof("ip-location-db asn")),)
    )
    address = subject("43.109.38.198").address
    assert address
    found = dossier(about({"gator.volces.com": Observed(addresses=[address])}, (), sources))
    assert found["service_operator"]["value"] == "Volcano Engine"
    assert found["network_operator"]["value"] == "AS24429 Zhejiang Taobao Network Co. Ltd"
    assert found["address_country"]["value"] == "SG"
    (flag,) = found["disagreements"]
    assert flag["what"] == "network of another name"
    assert "AS24429" in flag["says"] and "Volcano Engine" in flag["says"]


def test_nothing_asks_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every socket refused, all of the table is answered."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refused)
    hosts = [case[0].partition(" @ ")[0] for case in CASES]
    assert len({row["host"] for row in who(hosts)}) == len(hosts)
