"""The parts of `capture.py`: one a kind of traffic, and what they share. They need mitmproxy, not promptrail."""
