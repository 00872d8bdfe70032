"""The three machines as data: signals, faults, products, why they stop. Figures are of an ordinary machine of its kind, not of a maker's."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.iot.core.simulator.values import FaultSort, Machine, Signal, State


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a machine stops now and then: the words, the state it is in meanwhile, how often in comparison, minutes in the middle."""

    reason: str
    state: State
    weight: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Product:
    """What is made: seconds of one cycle, how much it loads the machine (1 is usual), a setting of the machine (1/min, °C)."""

    name: str
    cycle: float
    load: float
    setting: float


@dataclass(frozen=True, slots=True)
class Warmth:
    """A temperature that follows what the machine does like a first-order lag: seconds of its time constant, °C aimed at in each state.

    While running the aim is `ambient + (running − ambient) · load`, or the product's setting where `set` is true.
    """

    seconds: float
    running: float
    idle: float
    off: float
    set: bool = False


@dataclass(frozen=True, slots=True)
class Make:
    """Everything about a machine. `setup` minutes (least, most), `quantity` cycles of an order, `calm` minutes between stops on average.

    `parts` come out of one cycle; `between` minutes pass between two cycles in which it is loaded (none where (0, 0)).
    """

    title: str
    signals: tuple[Signal, ...]
    faults: tuple[FaultSort, ...]
    products: tuple[Product, ...]
    stops: tuple[Stop, ...]
    warmths: tuple[Warmth, ...]
    setup: tuple[float, float]
    quantity: tuple[int, int]
    calm: float
    scrap: float
    parts: int = 1
    between: tuple[float, float] = (0.0, 0.0)


#: Of the hall, °C.
AMBIENT = 21.0

_PARTS = Signal("Teile", "Stück", (0, 5000), 0, counter=True)
_SCRAP = Signal("Ausschuss", "Stück", (0, 200), 0, counter=True)

_CNC = Make(
    "Fräsmaschine",
    (
        Signal("Strom", "A", (9, 16)),
        Signal("Leistung", "kW", (5, 9)),
        Signal("Spindeldrehzahl", "1/min", (6000, 9000), 0),
        Signal("Spindellast", "%", (30, 70), 1),
        Signal("Vibration", "mm/s", (1.2, 2.4)),
        Signal("Spindeltemperatur", "°C", (38, 50), 1),
        Signal("Kühlmitteldruck", "bar", (5.5, 6.5)),
        _PARTS,
        _SCRAP,
    ),
    (
        FaultSort("bearing", "Lagerschaden der Spindel", "spindle bearing wears", ("Vibration", "Spindeltemperatur")),
        FaultSort("tool-break", "Werkzeugbruch", "the tool breaks", ("Spindellast", "Vibration", "Strom")),
        FaultSort("coolant", "Kühlmittel fehlt", "coolant is lost", ("Kühlmitteldruck", "Spindeltemperatur")),
        FaultSort("stuck-sensor", "Temperaturfühler steht", "temperature sensor is stuck", ("Spindeltemperatur",)),
    ),
    (
        Product("Lagerschild", 252, 1.0, 7200),
        Product("Pumpendeckel", 187, 0.88, 8400),
        Product("Spannbacke", 341, 1.1, 6400),
        Product("Ventilblock", 428, 1.05, 7600),
    ),
    (
        Stop("Werkzeug wechseln", State.IDLE, 4, 5),
        Stop("Messen", State.IDLE, 4, 4),
        Stop("Material fehlt", State.IDLE, 2, 14),
        Stop("Kein Bediener", State.IDLE, 2, 9),
        Stop("Spänestau", State.FAULT, 2, 8),
        Stop("Störung Werkzeugwechsler", State.FAULT, 1, 24),
    ),
    (Warmth(1500, 44, 27, AMBIENT),),
    (18, 45),
    (30, 70),
    48,
    0.018,
)

_MOULDER = Make(
    "Spritzgießmaschine",
    (
        Signal("Strom", "A", (12, 48)),
        Signal("Leistung", "kW", (7, 28)),
        Signal("Zylindertemperatur 1", "°C", (213, 217), 1),
        Signal("Zylindertemperatur 2", "°C", (223, 227), 1),
        Signal("Einspritzdruck", "bar", (800, 980), 0),
        Signal("Massepolster", "mm", (5.6, 6.4)),
        Signal("Zykluszeit", "s", (28, 41)),
        Signal("Öltemperatur", "°C", (42, 48), 1),
        _PARTS,
        _SCRAP,
    ),
    (
        FaultSort("heater-band", "Heizband ausgefallen", "heater band is dead", ("Zylindertemperatur 2", "Einspritzdruck")),
        FaultSort("valve-leak", "Rückstromsperre undicht", "check valve leaks", ("Massepolster", "Einspritzdruck")),
        FaultSort("cycle-drift", "Zyklus wird länger", "the cycle drifts", ("Zykluszeit", "Öltemperatur")),
    ),
    (
        Product("Kappe", 29.4, 0.92, 900),
        Product("Gehäuse", 38.7, 1.08, 920),
        Product("Clip", 31.2, 0.97, 860),
        Product("Griff", 34.5, 1.03, 880),
    ),
    (
        Stop("Material fehlt", State.IDLE, 3, 11),
        Stop("Kein Bediener", State.IDLE, 2, 8),
        Stop("Qualität prüfen", State.IDLE, 3, 6),
        Stop("Teil klemmt", State.FAULT, 4, 4),
        Stop("Störung Handhabung", State.FAULT, 1, 22),
    ),
    (Warmth(720, 215, 215, AMBIENT), Warmth(720, 225, 225, AMBIENT), Warmth(2400, 45, 38, AMBIENT)),
    (25, 60),
    (350, 800),
    52,
    0.012,
)  # fmt: skip

_OVEN = Make(
    "Härteofen",
    (
        Signal("Strom", "A", (11, 15)),
        Signal("Leistung", "kW", (6, 9)),
        Signal("Ofentemperatur", "°C", (175, 225), 1),
        Signal("Chargentemperatur", "°C", (150, 225), 1),
        Signal("Gasdurchfluss", "m³/h", (7, 22)),
        Signal("Abgastemperatur", "°C", (120, 175), 1),
        Signal("Tür offen", "", (0, 1), 0, boolean=True),
        _PARTS,
        _SCRAP,
    ),
    (
        FaultSort("door-seal", "Türdichtung undicht", "the door's seal leaks", ("Gasdurchfluss", "Ofentemperatur")),
        FaultSort("thermocouple", "Thermoelement driftet", "the thermocouple drifts", ("Chargentemperatur",)),
        FaultSort("burner", "Brenner setzt aus", "the burner fails", ("Gasdurchfluss", "Ofentemperatur", "Abgastemperatur")),
    ),
    (
        Product("Wellen 180 °C", 3120, 0.95, 180),
        Product("Zahnräder 200 °C", 3840, 1.0, 200),
        Product("Federn 220 °C", 2640, 1.05, 220),
    ),
    (
        Stop("Kein Bediener", State.IDLE, 3, 9),
        Stop("Charge fehlt", State.IDLE, 3, 16),
        Stop("Störung Gebläse", State.FAULT, 1, 20),
    ),
    (Warmth(540, 200, 95, AMBIENT, set=True), Warmth(1300, 200, 80, AMBIENT, set=True), Warmth(700, 148, 70, AMBIENT)),
    (6, 14),
    (2, 4),
    170,
    0.01,
    parts=40,
    between=(5, 9),
)  # fmt: skip

MAKES: dict[Machine, Make] = {Machine.CNC: _CNC, Machine.MOULDER: _MOULDER, Machine.OVEN: _OVEN}


def signals(kind: Machine | str) -> tuple[Signal, ...]:
    """Return the signals of a machine.

    Raises:
        ValueError: there is no such machine.
    """
    return MAKES[Machine(kind)].signals


def faults(kind: Machine | str) -> tuple[FaultSort, ...]:
    """Return the faults that can be switched on.

    Raises:
        ValueError: there is no such machine.
    """
    return MAKES[Machine(kind)].faults
