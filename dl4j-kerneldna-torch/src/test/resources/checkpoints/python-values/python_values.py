"""Writes protocol0.pkl to protocol5.pkl: a checkpoint with a tensor, and what programs save beside it.

Needs NumPy, and no PyTorch: classes of ours stand in for its storage and function.
"""

import argparse
import collections
import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import pickle
import random
import sys
import types
import uuid

import numpy


def function():
    pass


class Color(enum.Enum):
    RED = 1


class Config:
    def __init__(self):
        self.lr = 0.1
        self.itself = self


class Slots:
    __slots__ = ("lr",)

    def __init__(self):
        self.lr = 0.1


class KeywordOnly:
    def __new__(cls, *, lr):
        return object.__new__(cls)

    def __getnewargs_ex__(self):
        return (), {"lr": 0.1}


torch = types.ModuleType("torch")
torch._utils = types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": torch._utils})


def module_member(module, name, value):
    value.__module__, value.__qualname__ = module.__name__, name
    setattr(module, name, value)
    return value


FloatStorage = module_member(torch, "FloatStorage", type("FloatStorage", (), {}))
rebuild = module_member(torch._utils, "_rebuild_tensor_v2", lambda *args: None)


class Storage:
    pass


class Tensor:
    def __reduce__(self):
        return rebuild, (Storage(), 0, (2, 2), (2, 1), False, collections.OrderedDict())


class Pickler(pickle._Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return "storage", FloatStorage, "0", "cpu", 4
        return None

    def save_pers(self, pid):
        self.save(pid, save_persistent_id=False)
        self.write(pickle.BINPERSID)


defaultdict = collections.defaultdict(list)
defaultdict["a"] = 1
values = {
    "last_epoch": 9,
    "int8": numpy.int8(-3),
    "uint16": numpy.uint16(65535),
    "float16": numpy.float16(0.5),
    "float64": numpy.float64(0.1),
    "big_endian": numpy.array([0.25], ">f8")[0],
    "large": 1 << 40,
    "text": "\u00fc\n'\"\\",
    "list": [1, 2.5, True],
    "defaultdict": defaultdict,
    "counter": collections.Counter({30: 1, 60: 2}),
    "ordered": collections.OrderedDict(a=1, b=2),
    "decimal": decimal.Decimal("0.1"),
    "datetime": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
    "fraction": fractions.Fraction(1, 3),
    "function": function,
    "complex": 1j,
    "bytes": b"\x00\xff" * 200,
    "bytearray": bytearray(b"\x00\xff"),
    "array": numpy.arange(6.0).reshape(2, 3),
    "path": pathlib.PurePosixPath("runs/1"),
    "uuid": uuid.UUID(int=7),
    "enum": Color.RED,
    "namespace": argparse.Namespace(lr=0.1, out=pathlib.PurePosixPath("x"), nested=argparse.Namespace()),
    "object": Config(),
    "slots": Slots(),
    "partial": functools.partial(function, 1),
    "set": {1, 2},
    "frozenset": frozenset({1, (2, 3)}),
    "deque": collections.deque([1, 2], maxlen=3),
    "none_type": type(None),
    "rng": random.Random(1).getstate()[1][:20],
    "numpy_rng": numpy.random.default_rng(1),
    "huge": 1 << 3000,
    Color.RED: 1,
    (1, 2): 1,
    None: 1,
}

for protocol in range(6):
    if protocol >= 2:
        values["slots"] = Slots()
        values["keyword_only"] = KeywordOnly(lr=0.1)
    else:
        values["slots"] = Config()
    saved = {
        "model": {"w": Tensor()},
        "epoch": numpy.int64(9),
        "best_acc1": numpy.float32(70.5),
        "scheduler": values,
    }
    with open(pathlib.Path(__file__).with_name(f"protocol{protocol}.pkl"), "wb") as file:
        Pickler(file, protocol).dump(saved)
