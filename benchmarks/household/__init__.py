"""Households of any size, written through the repositories, so that a benchmark begins where years of use would end."""

from benchmarks.household.filling import Household, Size, fill

__all__ = ["Household", "Size", "fill"]
