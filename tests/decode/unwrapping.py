"""What `expand` makes of some bytes, all the way down: for the tests of decoders."""

from promptrail.decode import expand
from promptrail.decode.layer import Layer, Undecodable

ASCII = "Please remind me about kestrel-4417 tonight"
KOREAN = "안녕하세요, 내일 회의를 기록해도 되나요 kestrel-4417"
CHINESE = "请问我可以记录明天的会议吗 kestrel-4417"
TEXTS = {"ASCII": ASCII, "Korean": KOREAN, "Chinese": CHINESE}


def below(layer: Layer, faults: list[Undecodable] | None = None, depth: int = 12) -> list[Layer]:
    """Every layer under one."""
    kept = [] if faults is None else faults
    children = list(expand(layer, kept)) if depth else []
    return [inner for child in children for inner in (child, *below(child, kept, depth - 1))]


def found(text: str, data: bytes, media: str = "") -> list[tuple[tuple[str, ...], str]]:
    """(chain, path) of every layer that is the text."""
    every = below(Layer(data, media=media))
    return [(layer.chain, " > ".join(layer.path)) for layer in every if layer.data == text.encode()]
