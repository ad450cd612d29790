"""The parts of the benchmark `data`, and the stores and raw drivers that they share."""
