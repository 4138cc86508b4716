"""How long the bots' work takes, as ratios against plain baselines in the same run: `python -m tests.bench`."""
