"""How long a wanted subtitle that was searched for in vain is left alone."""

from dataclasses import dataclass

# Beyond these doublings every base that makes sense has met its cap, and floats have not run out.
_MOST_DOUBLINGS = 40


@dataclass(frozen=True, slots=True)
class BackOff:
    """One base after the first search, twice that after the second, and so on up to the cap; 0 is no wait."""

    base_hours: float = 1.0
    cap_hours: float = 168.0

    def seconds_after(self, searches: int) -> float:
        """How long to wait after the last of so many searches."""
        if searches <= 0:
            return 0.0
        doubled = 2.0 ** min(searches - 1, _MOST_DOUBLINGS)
        return min(self.base_hours * doubled, self.cap_hours) * 3600


USUAL_BACK_OFF = BackOff()
NO_BACK_OFF = BackOff(0.0, 0.0)
