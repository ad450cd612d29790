"""Whose reads and writes these are."""

from threading import Thread

from sublarr.db.following import Follower, following, present_follower


class TestFollowing:
    def test_one_readers_marks_never_reach_the_next_one_on_the_same_thread(self) -> None:
        assert present_follower() is None
        with following(Follower()) as first:
            assert present_follower() is first
            with following(Follower()) as second:
                assert present_follower() is second
            assert present_follower() is first
        assert present_follower() is None

    def test_it_is_let_go_of_after_a_failure(self) -> None:
        try:
            with following(Follower()):
                raise KeyError
        except KeyError:
            pass
        assert present_follower() is None

    def test_another_thread_has_its_own(self) -> None:
        seen: list[Follower | None] = []
        with following(Follower()):
            thread = Thread(target=lambda: seen.append(present_follower()))
            thread.start()
            thread.join()
        assert seen == [None]
