"""Figures of a finding: a `View` in, a plotly Figure out, its words in `layout.meta["alt"]` and `["caption"]`."""
