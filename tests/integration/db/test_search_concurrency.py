"""Full text under writers at once: what is found is what the last of them left, whoever committed last."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import update

from sublarr.db.database import Database
from sublarr.db.models.catalogue import Media
from sublarr.db.search_care import check_search, rebuild_search
from tests.contract.db.rows import a_film

_ROUNDS = 12


def test_a_title_and_a_file_changed_at_once_are_both_found(database: Database) -> None:
    with database.write() as unit:
        film = a_film(unit, "Alien")
    together = Barrier(2, timeout=30)

    def retitle() -> None:
        for number in range(_ROUNDS):
            together.wait()
            with database.write() as unit:
                unit.connection.execute(update(Media).values(title=f"Title {number}"))

    def move() -> None:
        for number in range(_ROUNDS):
            together.wait()
            with database.write() as unit:
                unit.files.move(film.file_id, f"/media/place-{number}.mkv")
            with database.read() as unit:
                assert unit.search.find(f"place-{number}")

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(retitle), threads.submit(move)]:
            done.result()
    assert check_search(database) == ()


def test_a_rebuild_beside_a_writer_leaves_everything_to_be_found(database: Database) -> None:
    with database.write() as unit:
        for number in range(20):
            a_film(unit, f"Film {number}")
    with ThreadPoolExecutor(2) as threads:
        rebuilding = threads.submit(lambda: [rebuild_search(database) for _ in range(3)])

        def add() -> None:
            for number in range(20, 30):
                with database.write() as unit:
                    a_film(unit, f"Film {number}")

        adding = threads.submit(add)
        adding.result()
        assert rebuilding.result()[0] >= 20
    assert check_search(database) == ()
    with database.read() as unit:
        assert len(unit.search.find("film", limit=100)) == 30
