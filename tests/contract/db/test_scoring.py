"""Weights and provider modifiers, alike on both databases."""

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.scoring import UNSET, WeightEdit
from sublarr.vocabulary.errors import Conflict, InvalidInput, NotFound, StaleRow
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, GREATEST_POINTS, ScoreType, WeightKey
from tests.contract.db.rows import LINES
from tests.database_fixtures import Clock

_EPISODE = ScoreType.EPISODE
_MOVIE = ScoreType.MOVIE


def _edit(value: int, version: int | None = None, key: str = "hash") -> WeightEdit:
    return WeightEdit(_EPISODE, key, value, version)


class TestWeightRepository:
    def test_save_puts_a_persons_weight_over_the_default(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.weights.save([_edit(400), WeightEdit(_MOVIE, "title", -5)])
        with database.read() as unit:
            episode, movie = unit.weights.listed()
        assert (episode.score_type, episode.weight_key, episode.weight_value) == ("episode", "hash", 400)
        assert (movie.score_type, movie.weight_key, movie.weight_value) == ("movie", "title", -5)
        assert (episode.version, episode.updated_at, episode.deleted_at) == (1, clock.now, None)

    def test_save_of_what_is_there_touches_nothing(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.weights.save([_edit(400)])
            before = unit.weights.listed()
        clock.advance(60)
        with database.write() as unit:
            unit.weights.save([_edit(400)])
            assert unit.weights.listed() == before
            unit.weights.save([_edit(401)])
            (row,) = unit.weights.listed()
            assert (row.weight_value, row.version, row.updated_at) == (401, 2, clock.now)

    def test_save_never_writes_over_what_was_not_seen(self, database: Database) -> None:
        with database.write() as unit:
            unit.weights.save([_edit(400, UNSET)])
            unit.weights.save([_edit(401, 1)])
        for version in (UNSET, 1, 3):
            with pytest.raises(StaleRow), database.write() as unit:
                unit.weights.save([_edit(5, None, "year"), _edit(402, version)])
        with database.read() as unit:
            assert unit.weights.overrides(_EPISODE) == {"hash": 401}

    def test_save_is_not_fooled_by_a_weight_that_was_reset_and_set_anew(self, database: Database) -> None:
        with database.write() as unit:
            unit.weights.save([_edit(400, UNSET)])
            unit.weights.reset()
            unit.weights.save([_edit(410, UNSET)])
            assert unit.weights.listed()[0].version == 3
        with pytest.raises(StaleRow), database.write() as unit:
            unit.weights.save([_edit(420, 1)])

    @pytest.mark.parametrize("key", ["title", "unknown", "", "HASH"])
    def test_save_refuses_a_match_that_is_not_scored(self, database: Database, key: str) -> None:
        with pytest.raises(InvalidInput) as refused, database.write() as unit:
            unit.weights.save([_edit(1, None, key)])
        assert refused.value.problems[0].field == "weight_key"

    @pytest.mark.parametrize("value", [GREATEST_POINTS + 1, -GREATEST_POINTS - 1, 2**40])
    def test_save_refuses_too_many_points(self, database: Database, value: int) -> None:
        with pytest.raises(InvalidInput) as refused, database.write() as unit:
            unit.weights.save([_edit(GREATEST_POINTS), _edit(value, None, "year")])
        assert refused.value.problems[0].field == "weight_value"
        with database.read() as unit:
            assert unit.weights.listed() == ()

    def test_listed_has_people_s_own_weights_only(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.weights.listed() == ()
            unit.weights.save([_edit(400), _edit(1, None, "year")])
            unit.weights.reset(_EPISODE, "hash")
            assert [row.weight_key for row in unit.weights.listed()] == ["year"]

    def test_removed_lists_the_latest_first(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.weights.save([_edit(400), _edit(1, None, "year")])
            unit.weights.reset(_EPISODE, "year")
            clock.advance(1)
            unit.weights.reset()
            removed = unit.weights.removed()
            assert [row.weight_key for row in removed] == ["hash", "year"]
            assert removed[0].deleted_at == clock.now
            assert unit.weights.removed(limit=1) == removed[:1]

    def test_overrides_are_of_one_kind(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.weights.overrides(_EPISODE) == {}
            unit.weights.save([_edit(400), WeightEdit(_MOVIE, "hash", 7)])
            assert unit.weights.overrides(_EPISODE) == {"hash": 400}

    def test_effective_is_the_defaults_with_people_s_own_in_their_place(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.weights.effective(_MOVIE) == DEFAULT_WEIGHTS[_MOVIE]
            unit.weights.save([_edit(0, None, "format_bonus")])
            effective = unit.weights.effective(_EPISODE)
        assert effective == {**DEFAULT_WEIGHTS[_EPISODE], WeightKey.FORMAT_BONUS: 0}

    def test_all_effective_has_every_kind(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.weights.all_effective() == DEFAULT_WEIGHTS
            unit.weights.save([WeightEdit(_MOVIE, "hash", 7)])
            both = unit.weights.all_effective()
        assert (both[_MOVIE][WeightKey.HASH], both[_EPISODE][WeightKey.HASH]) == (7, 359)

    def test_reset_takes_back_one_weight_or_one_kind_or_all(self, database: Database) -> None:
        edits = [_edit(400), _edit(1, None, "year"), WeightEdit(_MOVIE, "hash", 7)]
        with database.write() as unit:
            unit.weights.save(edits)
            assert unit.weights.reset(_EPISODE, "hash") == 1
            assert unit.weights.reset(_EPISODE) == 1
            assert unit.weights.overrides(_MOVIE) == {"hash": 7}
            unit.weights.save(edits)
            assert unit.weights.reset() == 3
            assert unit.weights.all_effective() == DEFAULT_WEIGHTS
            assert unit.weights.reset() == 0

    def test_restore_puts_a_weight_back_in_force(self, database: Database) -> None:
        with database.write() as unit:
            unit.weights.save([_edit(400)])
            unit.weights.reset()
            (removed,) = unit.weights.removed()
            unit.weights.restore(removed.id)
            (row,) = unit.weights.listed()
            assert (row.id, row.weight_value, row.version) == (removed.id, 400, removed.version + 1)
            with pytest.raises(NotFound):
                unit.weights.restore(removed.id)

    def test_restore_never_writes_over_a_weight_that_was_set_since(self, database: Database) -> None:
        with database.write() as unit:
            unit.weights.save([_edit(400)])
            unit.weights.reset()
            (removed,) = unit.weights.removed()
            unit.weights.save([_edit(410)])
        with pytest.raises(Conflict), database.write() as unit:
            unit.weights.restore(removed.id)
        with database.read() as unit:
            assert unit.weights.overrides(_EPISODE) == {"hash": 410}

    def test_purge_forgets_what_was_taken_back_long_ago_only(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for value in range(3):
                unit.weights.save([_edit(value)])
                unit.weights.reset()
            limit = clock.advance(60)
            unit.weights.save([_edit(9), _edit(1, None, "year")])
            unit.weights.reset(_EPISODE, "hash")
            assert [unit.weights.purge(limit, 2) for _ in range(3)] == [2, 1, 0]
            assert [row.weight_value for row in unit.weights.removed()] == [9]
            assert unit.weights.overrides(_EPISODE) == {"year": 1}


class TestModifierRepository:
    @pytest.mark.parametrize("name", LINES)
    def test_save_gives_points_to_any_provider(self, database: Database, name: str, clock: Clock) -> None:
        with database.write() as unit:
            unit.modifiers.save(name, -20)
        with database.read() as unit:
            row = unit.modifiers.find(name)
        assert row is not None
        assert (row.modifier, row.version, row.updated_at) == (-20, 1, clock.now)

    def test_save_of_what_is_there_touches_nothing(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.modifiers.save("jimaku", 10)
            before = unit.modifiers.listed()
            clock.advance(1)
            unit.modifiers.save("jimaku", 10)
            assert unit.modifiers.listed() == before
            unit.modifiers.save("jimaku", 11)
            (row,) = unit.modifiers.listed()
            assert (row.modifier, row.version, row.updated_at) == (11, 2, clock.now)

    def test_save_never_writes_over_what_was_not_seen(self, database: Database) -> None:
        with database.write() as unit:
            unit.modifiers.save("jimaku", 10, UNSET)
            unit.modifiers.save("jimaku", 11, 1)
        for version in (UNSET, 1, 3):
            with pytest.raises(StaleRow), database.write() as unit:
                unit.modifiers.save("jimaku", 12, version)
        with database.read() as unit:
            assert unit.modifiers.points("jimaku") == 11

    def test_save_after_a_delete_goes_on_with_the_versions(self, database: Database) -> None:
        with database.write() as unit:
            unit.modifiers.save("jimaku", 10)
            unit.modifiers.delete("jimaku")
            with pytest.raises(StaleRow):
                unit.modifiers.save("jimaku", 10, 2)
            unit.modifiers.save("jimaku", 10, UNSET)
            (row,) = unit.modifiers.listed()
            assert (row.modifier, row.version, row.deleted_at) == (10, 3, None)

    @pytest.mark.parametrize("points", [GREATEST_POINTS + 1, -(2**40)])
    def test_save_refuses_too_many_points(self, database: Database, points: int) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.modifiers.save("jimaku", points)

    @pytest.mark.parametrize("name", ["\0", "\udc80"])
    def test_save_refuses_nul_and_lone_surrogates(self, database: Database, name: str) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.modifiers.save(name, 1)

    def test_find_answers_none_where_no_points_are_given(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.modifiers.find("jimaku") is None
            unit.modifiers.save("jimaku", 1)
            unit.modifiers.delete("jimaku")
            assert unit.modifiers.find("jimaku") is None

    def test_points_are_none_at_first(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.modifiers.points("jimaku") == 0
            unit.modifiers.save("jimaku", 10)
            assert unit.modifiers.points("jimaku") == 10

    def test_listed_sorts_by_name_and_shows_apart_what_was_taken_back(self, database: Database) -> None:
        with database.write() as unit:
            for name in ("subdl", "animetosho", "jimaku"):
                unit.modifiers.save(name, 1)
            unit.modifiers.delete("jimaku")
            assert [row.provider_name for row in unit.modifiers.listed()] == ["animetosho", "subdl"]
            assert [row.provider_name for row in unit.modifiers.listed(removed=True)] == ["jimaku"]

    def test_delete_takes_points_back_and_tells_what_it_could_not(self, database: Database) -> None:
        with database.write() as unit:
            unit.modifiers.save("jimaku", 10)
            with pytest.raises(StaleRow):
                unit.modifiers.delete("jimaku", 2)
            unit.modifiers.delete("jimaku", 1)
            assert unit.modifiers.points("jimaku") == 0
            with pytest.raises(NotFound):
                unit.modifiers.delete("jimaku")

    def test_restore_gives_points_back(self, database: Database) -> None:
        with database.write() as unit:
            unit.modifiers.save("jimaku", 10)
            with pytest.raises(NotFound):
                unit.modifiers.restore("jimaku")
            unit.modifiers.delete("jimaku")
            unit.modifiers.restore("jimaku")
            (row,) = unit.modifiers.listed()
            assert (row.modifier, row.version) == (10, 3)

    def test_purge_forgets_what_was_taken_back_long_ago_only(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for name in "abcde":
                unit.modifiers.save(name, 1)
            for name in "abc":
                unit.modifiers.delete(name)
            limit = clock.advance(60)
            unit.modifiers.delete("d")
            assert [unit.modifiers.purge(limit, 2) for _ in range(3)] == [2, 1, 0]
            assert [row.provider_name for row in unit.modifiers.listed(removed=True)] == ["d"]
            assert [row.provider_name for row in unit.modifiers.listed()] == ["e"]
