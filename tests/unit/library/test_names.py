from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sublarr.library.keys import episode_keys, movie_key, series_key
from sublarr.library.names import parse_name
from sublarr.vocabulary.media import FolderContent, MediaKind, NameFacts


def parse(name: str, content: FolderContent = FolderContent.AUTO) -> NameFacts:
    return parse_name(f"/m/{name}", "/m", content)


@pytest.mark.parametrize(
    ("name", "title", "year", "season", "episodes", "group_path"),
    [
        (
            "Show (2008)/Season 01/Show - S01E01 - Name WEBDL-1080p.mkv",
            "Show",
            2008,
            1,
            (1,),
            "/m/Show (2008)",
        ),
        (
            "Show (2008)/Season 01/Show (2008) - S01E01-E03 - A.mkv",
            "Show",
            2008,
            1,
            (1, 2, 3),
            "/m/Show (2008)",
        ),
        ("Show [tvdbid-9]/S01/Show - S01E01E02.mkv", "Show", None, 1, (1, 2), "/m/Show [tvdbid-9]"),
        ("Show/Show - S01E01-02 - A.mkv", "Show", None, 1, (1, 2), "/m/Show"),
        ("Show/Season 1/Show - S01E01.S01E02 - x.mkv", "Show", None, 1, (1, 2), "/m/Show"),
        ("Show/Specials/Show - S00E04 - x HDTV-720p.mkv", "Show", None, 0, (4,), "/m/Show"),
        ("Show/Staffel 2/2x03 Titel.avi", "Show", None, 2, (3,), "/m/Show"),
        ("Show/Saison 2/05 - Titre.mkv", "Show", None, 2, (5,), "/m/Show"),
        ("Show/Show Season 2/Show 2x03.mkv", "Show", None, 2, (3,), "/m/Show"),
        ("Show/S01E01.mkv", "Show", None, 1, (1,), "/m/Show"),
        ("tv/Show/Season 1/Show - S01E01.mkv", "Show", None, 1, (1,), "/m/tv/Show"),
        ("Season 01/Show - S01E01.mkv", "Show", None, 1, (1,), "/m"),
        ("Show.Name.S01E02.1080p.WEB-DL.H.264-GRP.mkv", "Show Name", None, 1, (2,), "/m"),
        ("Show.S01.1080p-GRP/Show.S01E01.1080p-GRP.mkv", "Show", None, 1, (1,), "/m"),
        ("Show.S01E07.1080p.WEB-GRP/8f7d6a.mkv", "Show", None, 1, (7,), "/m"),
        ("Show.2008.S01E01.mkv", "Show", 2008, 1, (1,), "/m"),
        (
            "Grey's Anatomy/Season 20/Greys.Anatomy.S20E01.mkv",
            "Grey's Anatomy",
            None,
            20,
            (1,),
            "/m/Grey's Anatomy",
        ),
        ("진격의 거인/시즌 1/진격의 거인 S01E01.mkv", "진격의 거인", None, 1, (1,), "/m/진격의 거인"),
        ("映画/Season 1/映画 第05話.mkv", "映画", None, 1, (5,), "/m/映画"),
        ("Show Folge 5.mkv", "Show", None, None, (5,), "/m"),
    ],
)
def test_episodes_land_in_their_series(
    name: str, title: str, year: int | None, season: int | None, episodes: tuple[int, ...], group_path: str
) -> None:
    facts = parse(name)
    assert facts.kind is MediaKind.EPISODE
    assert (facts.title, facts.year, facts.season, facts.episodes) == (title, year, season, episodes)
    assert facts.group_path == group_path


@pytest.mark.parametrize(
    ("name", "title", "year", "group_path"),
    [
        ("Film (2021)/Film (2021) Bluray-1080p.mkv", "Film", 2021, "/m/Film (2021)"),
        (
            "Film (2021) {imdb-tt1}/Film (2021) {edition-Uncut} x.mkv",
            "Film",
            2021,
            "/m/Film (2021) {imdb-tt1}",
        ),
        ("Film (2021).mkv", "Film", 2021, "/m"),
        ("Film.Title.2021.GERMAN.DL.1080p.BluRay.x264-GRP.mkv", "Film Title", 2021, "/m"),
        ("Film.2021.1080p.BluRay.x264-GRP/grp-f.mkv", "Film", 2021, "/m/Film.2021.1080p.BluRay.x264-GRP"),
        ("Film (2021)/abcdef.mkv", "Film", 2021, "/m/Film (2021)"),
        ("Alien Collection/Alien (1979).mkv", "Alien", 1979, "/m"),
        ("Alien (1979)/Aliens.1986.1080p.BluRay.mkv", "Aliens", 1986, "/m"),
        ("映画.mkv", "映画", None, "/m"),
    ],
)
def test_films_keep_their_title_and_year(name: str, title: str, year: int | None, group_path: str) -> None:
    facts = parse(name)
    assert facts.kind is MediaKind.MOVIE
    assert (facts.title, facts.year, facts.group_path) == (title, year, group_path)


@pytest.mark.parametrize(
    ("name", "kind", "title"),
    [
        ("1984.mkv", MediaKind.MOVIE, "1984"),
        ("1984 (1984)/1984.mkv", MediaKind.MOVIE, "1984"),
        ("2012 (2009).mkv", MediaKind.MOVIE, "2012"),
        ("2012.2009.1080p.BluRay.x264-GRP.mkv", MediaKind.MOVIE, "2012"),
        ("Blade.Runner.2049.2017.2160p.UHD.BluRay.mkv", MediaKind.MOVIE, "Blade Runner 2049"),
        ("Blade Runner 2049.mkv", MediaKind.MOVIE, "Blade Runner 2049"),
        ("300.mkv", MediaKind.MOVIE, "300"),
        ("24 - S01E01.mkv", MediaKind.EPISODE, "24"),
        ("24/Season 1/24 - S01E01-720p.mkv", MediaKind.EPISODE, "24"),
        ("The.100.S01E02.1080p.WEB-DL.mkv", MediaKind.EPISODE, "The 100"),
        ("S.W.A.T.S01E02.720p.mkv", MediaKind.EPISODE, "S.W.A.T."),
        ("S.W.A.T. (2017)/Season 1/S.W.A.T. - S01E02.mkv", MediaKind.EPISODE, "S.W.A.T."),
        ("Marvels.Agents.of.S.H.I.E.L.D.S01E01.mkv", MediaKind.EPISODE, "Marvels Agents of S.H.I.E.L.D."),
        ("9-1-1 - S02E03.mkv", MediaKind.EPISODE, "9-1-1"),
        ("Space 1999/Space.1999.S01E01.mkv", MediaKind.EPISODE, "Space 1999"),
        ("Charlotte's Web (2006).mkv", MediaKind.MOVIE, "Charlotte's Web"),
    ],
)
def test_titles_of_numbers_and_dots_stay_whole(name: str, kind: MediaKind, title: str) -> None:
    facts = parse(name)
    assert (facts.kind, facts.title) == (kind, title)


def test_what_the_release_is_is_told() -> None:
    facts = parse("Show/Season 1/Show - S01E01 - The Web [WEBDL-1080p][EAC3 5.1][h264]-GRP.mkv")
    assert facts.episode_title == "The Web"
    assert (facts.release_source, facts.resolution, facts.release_group) == ("Web", "1080p", "GRP")
    assert parse("Film (2021)/Film (2021) Bluray-2160p Remux.mkv").release_group == ""


@pytest.mark.parametrize(
    ("name", "season", "episodes", "absolute"),
    [
        ("[SubsPlease] Frieren - 05 (1080p) [ABCD1234].mkv", None, (5,), 5),
        ("[Grp] One Piece - 1089v2 [1080p].mkv", None, (1089,), 1089),
        ("[Grp] Show S2 - 05 [1080p].mkv", 2, (5,), None),
        ("Show/Season 2/[Grp] Show - 05 [1080p].mkv", 2, (5,), None),
        ("Show/Season 1/[Grp] Show - 05 [1080p].mkv", 1, (5,), 5),
        ("Show/Season 01/Show - S01E05 - 005 - Title [Grp].mkv", 1, (5,), 5),
    ],
)
def test_anime_is_known_by_its_group_and_numbers(
    name: str, season: int | None, episodes: tuple[int, ...], absolute: int | None
) -> None:
    facts = parse(name)
    assert facts.is_anime
    assert (facts.season, facts.episodes, facts.absolute_number) == (season, episodes, absolute)


def test_a_daily_show_is_known_by_its_date() -> None:
    facts = parse("The Daily Show/The Daily Show - 2024-03-05 - Guest WEBDL-1080p.mkv")
    assert (facts.title, facts.aired_on, facts.episode_title) == ("The Daily Show", date(2024, 3, 5), "Guest")
    assert parse("The.Daily.Show.2024.03.05.1080p.mkv").aired_on == date(2024, 3, 5)


def test_a_folder_in_another_language_names_the_series_and_the_file_its_other_title() -> None:
    facts = parse("Haus des Geldes/Staffel 2/La.Casa.de.Papel.S02E01.mkv")
    assert (facts.title, facts.alternative_titles) == ("Haus des Geldes", ("La Casa de Papel",))


def test_a_folder_said_to_hold_one_kind_holds_no_other() -> None:
    assert parse("Show.S01E01.mkv", FolderContent.MOVIE).kind is MediaKind.MOVIE
    assert parse("Film (2021)/Film (2021).mkv", FolderContent.TV).kind is MediaKind.EPISODE


def test_all_seasons_of_a_show_are_one_series_and_two_flat_shows_are_two() -> None:
    def key(name: str) -> str:
        return series_key(parse(name), "/m/")

    assert key("Show/Season 01/Show - S01E01.mkv") == key("Show/Specials/Show - S00E01.mkv") == "/m/Show"
    assert key("Show.S01E01.mkv") == key("show - S02E01.mkv") == key("Show.S03.720p-X/Show.S03E01.720p-X.mkv")
    assert key("Show.S01E01.mkv") != key("Other.S01E01.mkv")
    assert key("Show.S01E01.mkv") != key("Show.2008.S01E01.mkv")


def test_two_versions_of_a_film_are_one_film() -> None:
    def key(name: str) -> str:
        return movie_key(parse(name), "/m")

    assert key("Film (2021)/Film (2021) Bluray-1080p.mkv") == key("Film.2021.2160p.UHD.BluRay.mkv")
    assert key("Film (2021).mkv") != key("Film (1999).mkv")


def test_each_episode_of_a_file_has_its_own_key() -> None:
    def keys(name: str) -> tuple[str, ...]:
        return episode_keys(parse(name), "/m", f"/m/{name}")

    assert keys("Show/Season 1/Show - S01E01E02.mkv") == ("/m/Show//s01e01", "/m/Show//s01e02")
    assert keys("Show/Show 2024-03-05.mkv") == ("/m/Show//2024-03-05",)
    assert keys("Show/Season 1/Pilot.mkv") != keys("Show/Season 1/Unaired.mkv")


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["S01E02", "1x03", "(2008)", "[Grp]", " - ", "/", ".", "Season 1", "1080p", "2024-02-31", "\uef80"]
    ),
    st.sampled_from(
        ["[ABCD1234]", "mkv", ".mkv", "S00", "E99", "-", "WEB-DL", "{tmdb-1}", "\n", "AKA", "..", "0"]
    ),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(pieces, max_size=8), st.sampled_from(FolderContent), st.booleans())
def test_no_name_stops_a_scan(parts: list[str], content: FolderContent, is_inside: bool) -> None:
    path = "".join(parts)
    facts = parse_name(f"/m/{path}" if is_inside else path, "/m", content)
    assert facts.title.strip()
    assert facts.kind in (MediaKind.MOVIE, MediaKind.EPISODE)
    assert facts.group_path
    assert content is not FolderContent.TV or facts.kind is MediaKind.EPISODE
    assert content is not FolderContent.MOVIE or facts.kind is MediaKind.MOVIE
    assert series_key(facts, "/m")
    assert movie_key(facts, "/m")
    assert len(set(episode_keys(facts, "/m", path))) == max(1, len(facts.episodes)) or facts.aired_on


@given(
    st.from_regex(r"[A-Z][a-z]{2,8}( [A-Z][a-z]{2,8}){0,3}", fullmatch=True),
    st.integers(1, 40),
    st.integers(1, 99),
)
def test_what_sonarr_writes_is_read_back(title: str, season: int, episode: int) -> None:
    facts = parse(
        f"{title} (2008)/Season {season:02}/{title} (2008) - S{season:02}E{episode:02} - X WEBDL-1080p.mkv"
    )
    assert (facts.title, facts.year, facts.season, facts.episodes) == (title, 2008, season, (episode,))
