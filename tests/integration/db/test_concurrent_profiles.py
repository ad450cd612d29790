"""Profiles and searches under many hands at once: one default, nobody's edit lost, no row searched for twice."""

import threading
from collections import Counter

import pytest

from sublarr.db.database import Database
from sublarr.db.models.catalogue import WantedItem
from sublarr.vocabulary.errors import Conflict, StaleRow
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile, ProfileEdit
from sublarr.vocabulary.searching import NO_BACK_OFF
from sublarr.vocabulary.subtitles import WantedStatus
from tests.contract.db.rows import a_film, a_series, a_wish
from tests.integration.db import processes
from tests.integration.db.threads import THREADS, in_threads
from tests.integration.db.writing import search_all

pytestmark = pytest.mark.slow

_WANTED = 240


def test_the_second_of_two_who_edit_a_profile_is_told_what_the_first_changed(database: Database) -> None:
    with database.write() as unit:
        profile = unit.profiles.add(NewProfile("Anime", target_languages=("de",)))
    both_have_looked = threading.Barrier(2)

    def edit(number: int) -> str:
        with database.read() as unit:
            seen = unit.profiles.get(profile.id)
        both_have_looked.wait(10)
        try:
            with database.write() as unit:
                change = ProfileEdit(target_languages=(("fr", "it")[number],))
                unit.profiles.update(profile.id, seen.version, change)
        except StaleRow as stale:
            return stale.problems[0].message
        return "saved"

    answers = in_threads(edit, 2)
    with database.read() as unit:
        stored = unit.profiles.get(profile.id)
    assert sorted(answers) == sorted(["saved", f"it is {stored.target_languages!r} now"])
    assert stored.version == 2


def test_eight_who_make_a_profile_the_default_leave_exactly_one(database: Database) -> None:
    with database.write() as unit:
        unit.profiles.add_default("en", ["de"])
        profiles = [unit.profiles.add(NewProfile(f"profile {number}")) for number in range(THREADS)]
    seen: list[int] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            with database.read() as unit:
                seen.append(sum(profile.is_default for profile in unit.profiles.listed()))

    watcher = threading.Thread(target=watch)
    watcher.start()

    def choose(number: int) -> None:
        with database.write() as unit:
            unit.profiles.make_default(profiles[number].id, 1)

    try:
        in_threads(choose)
    finally:
        is_over.set()
        watcher.join(30)
    assert set(seen) == {1}, "nobody ever sees two defaults, or none"
    with database.read() as unit:
        assert [profile.is_default for profile in unit.profiles.listed()].count(True) == 1


def test_one_of_eight_gets_a_name(database: Database) -> None:
    def add(number: int) -> str:
        try:
            with database.write() as unit:
                unit.profiles.add(NewProfile("anime" if number % 2 else "Anime"))
        except Conflict:
            return "refused"
        return "added"

    assert Counter(in_threads(add)) == {"added": 1, "refused": THREADS - 1}


def test_eight_who_assign_the_same_series_leave_one_assignment_each(database: Database) -> None:
    with database.write() as unit:
        ids = tuple(a_series(unit, f"Series {number}") for number in range(20))
        profiles = [unit.profiles.add(NewProfile(f"profile {number}")) for number in range(THREADS)]

    def assign(number: int) -> None:
        scope = AssignmentScope(MediaKind.SERIES, ids if number % 2 else ids[::-1])
        with database.write() as unit:
            unit.profiles.assign(scope, profiles[number].id)
        with database.write() as unit:
            unit.profiles.unassign(scope)
        with database.write() as unit:
            unit.profiles.assign(scope, profiles[number].id)

    in_threads(assign)
    with database.read() as unit:
        given = unit.profiles.assignment_map(MediaKind.SERIES)
    assert set(given) == set(ids)
    assert len({row.profile_id for row in given.values()}) == 1


def _fill(database: Database) -> None:
    with database.write() as unit:
        film = a_film(unit)
        wishes = [a_wish(film, f"x{number}") for number in range(_WANTED)]
        unit.wanted.reconcile([film.file_id], wishes)


def test_no_wanted_row_is_searched_for_twice_by_threads_and_processes(database: Database) -> None:
    _fill(database)
    others = processes.start("search_all", database.options.url, [7, 11])
    processes.begin(others)
    answers = in_threads(lambda number: search_all(database, 3 + number % 4))
    answers += processes.finish(others)
    assert Counter(item for answer in answers for item in answer) == Counter(_ids(database))
    with database.read() as unit:
        counts = {row.search_count for row in unit.wanted.listed(_ids(database))}
    assert counts == {1}


def test_claims_at_one_moment_leave_nobody_empty_handed_while_rows_are_due(database: Database) -> None:
    _fill(database)

    def claim(_: int) -> tuple[int, ...]:
        with database.write() as unit:
            return unit.wanted.claim_for_search(_WANTED // THREADS, NO_BACK_OFF).item_ids

    answers = in_threads(claim)
    assert [len(answer) for answer in answers] == [_WANTED // THREADS] * THREADS
    assert len({item for answer in answers for item in answer}) == _WANTED


def test_a_search_that_dies_frees_its_rows_once_however_many_look(database: Database) -> None:
    _fill(database)
    with database.write() as unit:
        dead = unit.wanted.claim_for_search(_WANTED, lease_seconds=-1)

    def claim(_: int) -> tuple[int, ...]:
        with database.write() as unit:
            return unit.wanted.claim_for_search(10).item_ids

    assert in_threads(claim) == [()] * THREADS, "they have been searched for just now"
    with database.read() as unit:
        rows = unit.wanted.listed(dead.item_ids)
    assert {(row.status, row.search_count) for row in rows} == {(WantedStatus.WANTED, 1)}


def _ids(database: Database) -> list[int]:
    with database.read() as unit:
        return list(unit.connection.execute(WantedItem.__table__.select()).scalars())
