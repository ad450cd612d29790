"""One figure of the table: what was measured, against what, and whether that is good enough."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A limit for the ratio to the baseline, or for the value itself."""

    limit: float
    sign: str
    of_ratio: bool

    def holds(self, figure: float) -> bool:
        """Whether the figure is on the right side of the limit, or on it."""
        return figure <= self.limit if self.sign == "≤" else figure >= self.limit

    def __str__(self) -> str:
        """As the table prints it: `≤ ×1.6` limits a ratio, `≤ 100` a value."""
        return f"{self.sign} {'×' if self.of_ratio else ''}{self.limit:g}"


def at_most(limit: float, *, of_ratio: bool = False) -> Target:
    """The smaller the better."""
    return Target(limit, "≤", of_ratio)


def at_least(limit: float, *, of_ratio: bool = False) -> Target:
    """The larger the better."""
    return Target(limit, "≥", of_ratio)


@dataclass(frozen=True, slots=True)
class Line:
    """A measured value with its unit; `baseline` is in the same unit, from the same run."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        """Value by baseline, where there is one."""
        return self.value / self.baseline if self.baseline else None

    @property
    def ok(self) -> bool | None:
        """Whether the target is reached; None where there is nothing to reach."""
        if self.target is None:
            return None
        figure = self.ratio if self.target.of_ratio else self.value
        return figure is not None and self.target.holds(figure)

    def as_json(self) -> dict[str, object]:
        """The line as `--json` writes it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": self.ratio,
            "target": str(self.target) if self.target else None,
            "ok": self.ok,
        }
