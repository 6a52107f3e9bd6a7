import pytest

from frame_app.base.errors import UsageError
from prerender.engines.neural import workbench
from prerender.engines.neural.workbench import (
    Compute,
    Workbench,
    compute_of,
    free_memory,
    too_little_memory,
    total_memory,
)


class Network:
    def __init__(self, name: str, need_bytes: int, memory: list[int]) -> None:
        self.name = name
        self.need_bytes = need_bytes
        self._memory = memory

    def open(self, bench: Workbench) -> "Network":
        bench.admit(self)
        self._memory[0] -= self.need_bytes
        return self

    def release(self) -> None:
        self._memory[0] += self.need_bytes


@pytest.fixture
def memory():
    return [1000]


@pytest.fixture
def bench(memory):
    return Workbench(free_bytes=lambda: memory[0])


def test_where_there_is_room_both_stay(bench, memory):
    Network("matte", 400, memory).open(bench)
    Network("depth", 400, memory).open(bench)
    assert memory == [200]


def test_the_longest_unused_one_makes_room(bench, memory):
    matte = Network("matte", 400, memory).open(bench)
    Network("depth", 400, memory).open(bench)
    bench.touch(matte)
    Network("plate", 300, memory).open(bench)
    bench.clear()
    assert memory == [1000]


def test_used_ones_outlive_unused_ones(bench, memory, caplog):
    matte = Network("matte", 400, memory).open(bench)
    Network("depth", 400, memory).open(bench)
    bench.touch(matte)
    with caplog.at_level("INFO"):
        Network("plate", 300, memory).open(bench)
    assert "depth leaves memory to make room for plate" in caplog.text
    assert "matte leaves" not in caplog.text


def test_too_little_memory_is_said_and_tried(bench, memory, caplog):
    Network("giant", 5000, memory).open(bench)
    assert "giant needs about" in caplog.text
    assert "may fail" in caplog.text


def test_a_limit_counts_what_networks_take(memory):
    bench = Workbench(Compute(memory_bytes=600), free_bytes=lambda: 10**6)
    Network("matte", 400, memory).open(bench)
    Network("depth", 400, memory).open(bench)
    assert memory == [600]  # the first one went


def test_a_container_counts_for_less_than_the_machine(monkeypatch, tmp_path):
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    monkeypatch.setattr(workbench, "_CGROUP", tmp_path)
    assert total_memory() == 3_000_000
    assert free_memory() == 2_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert total_memory() > 10**8
    assert free_memory() > 10**7


def test_room_is_looked_for_where_the_network_will_run(memory, caplog):
    bench = Workbench(free_bytes=lambda: 0)
    on_gpu = Network("matte", 400, memory)
    bench.admit(on_gpu, lambda: memory[0])
    assert not caplog.records
    bench.admit(Network("depth", 400, memory), lambda: 100)
    assert "depth needs about" in caplog.text
    assert memory == [1400]  # matte was sent away


def test_what_a_machine_can_never_hold_is_not_chosen_there(monkeypatch):
    monkeypatch.setattr(workbench, "total_memory", lambda: 4_000_000_000)
    assert too_little_memory(3_000_000_000) == ""
    assert "about 6.0 GB of memory and this machine has 4.0 GB" in too_little_memory(6_000_000_000)


@pytest.mark.parametrize(
    ("said", "device", "memory_bytes"),
    [
        ({}, "auto", 0),
        ({"PORTRAIT_FRAME_DEVICE": ""}, "auto", 0),
        (
            {"PORTRAIT_FRAME_DEVICE": "cuda:1", "PORTRAIT_FRAME_DEVICE_GB": "6.5"},
            "cuda:1",
            6500000000,
        ),
        ({"PORTRAIT_FRAME_DEVICE": "cpu"}, "cpu", 0),
    ],
)
def test_the_machine_says_which_device_and_how_much_of_it(said, device, memory_bytes):
    assert compute_of(said) == Compute(device=device, memory_bytes=memory_bytes)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"PORTRAIT_FRAME_DEVICE": "gpu"}, "DEVICE=gpu: write auto, cpu, cuda"),
        ({"PORTRAIT_FRAME_DEVICE_GB": "6 GB"}, "DEVICE_GB=6 GB: write a number of gigabytes"),
        ({"PORTRAIT_FRAME_DEVICE_GB": "-1"}, "DEVICE_GB=-1: write a number of gigabytes"),
        ({"PORTRAIT_FRAME_DEVICE_GB": "nan"}, "DEVICE_GB=nan: write a number of gigabytes"),
    ],
)
def test_what_no_machine_has_is_a_sentence(said, sentence):
    with pytest.raises(UsageError, match=sentence):
        compute_of(said)
