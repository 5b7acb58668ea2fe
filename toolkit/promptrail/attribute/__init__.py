"""Hosts into recipients: owner of the domain, operator of service and network, country of the address. Never merged."""

from promptrail.attribute.recipients import attribute, who

__all__ = ["attribute", "who"]
