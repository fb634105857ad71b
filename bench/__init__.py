"""Speed as ratios against baselines taken in the same run. `make bench`; figures and goals in docs/performance.md."""
