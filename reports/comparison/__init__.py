"""The comparison page: a study's strategies beside its benchmarks."""
