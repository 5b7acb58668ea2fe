"""Executed notebooks, pages and PDFs: findings and frames in, files in CASE/reports out. `run.run` is the way in."""
