"""Hosts into recipients: who owns the domain, runs the service, runs the network, and where the address lies. Never merged."""

from promptrail.attribute.recipients import attribute, who

__all__ = ["attribute", "who"]
