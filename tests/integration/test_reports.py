"""The suite's own reports: a test process that dies over its output hides every test it would have run."""

import logging


def test_a_file_name_that_is_no_unicode_may_be_printed_and_logged() -> None:
    print("film-\udc80.mkv")
    logging.getLogger("sublarr").warning("film-\udc80.mkv")
