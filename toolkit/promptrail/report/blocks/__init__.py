"""Blocks of a page: a `View` in, one `Part` out, escaped and masked. One topic a file."""
