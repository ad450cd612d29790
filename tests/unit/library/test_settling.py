from sublarr.library.settling import Change, Measurement, Settling


class Disk:
    def __init__(self) -> None:
        self.files: dict[str, Measurement] = {}

    def measure(self, path: str) -> Measurement:
        return self.files.get(path)


def test_a_file_still_being_copied_is_not_read_half() -> None:
    disk = Disk()
    settling = Settling(10, disk.measure)
    disk.files["/m/a/1.mkv"] = (1, 1)
    settling.touch("/m", "/m/a/1.mkv", now=0)
    disk.files["/m/a/1.mkv"] = (2, 2)
    assert settling.take_due(now=10) == ()
    assert settling.next_due_at() == 20
    assert settling.take_due(now=20) == (Change("/m", "/m/a"),)
    assert settling.next_due_at() is None


def test_a_burst_of_files_is_one_report() -> None:
    disk = Disk()
    settling = Settling(10, disk.measure)
    for second in range(9):
        disk.files[f"/m/a/{second}.mkv"] = (1, 1)
        settling.touch("/m", f"/m/a/{second}.mkv", now=second)
    assert settling.take_due(now=10) == ()
    assert settling.take_due(now=19) == (Change("/m", "/m/a"),)
    assert settling.take_due(now=100) == ()


def test_a_recording_that_lasts_for_hours_does_not_hide_its_finished_neighbours() -> None:
    disk = Disk()
    settling = Settling(10, disk.measure)
    disk.files["/m/done.mkv"] = (1, 1)
    settling.touch("/m", "/m/done.mkv", now=0)
    reported_at = None
    for second in range(200):
        disk.files["/m/live.ts"] = (second, second)
        settling.touch("/m", "/m/live.ts", now=second)
        if settling.take_due(now=second):
            reported_at = second
            break
    assert reported_at == 70


def test_a_removed_file_is_reported() -> None:
    settling = Settling(10, Disk().measure)
    settling.touch("/m", "/m/a/gone.mkv", now=0)
    assert settling.take_due(now=10) == (Change("/m", "/m/a"),)


def test_a_directory_inside_a_reported_one_is_not_walked_twice() -> None:
    settling = Settling(10, Disk().measure)
    settling.touch("/m", "/m/a/b/1.mkv", now=0)
    settling.touch("/m", "/m/ab/2.mkv", now=0)
    settling.mark("/m", "/m/a", now=0)
    assert settling.take_due(now=10) == (Change("/m", "/m/a"), Change("/m", "/m/ab"))
