"""The words of numbers and units, with what they stand for."""

SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
SCALES = {
    "dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "k": 1e3, "grand": 1e3, "million": 1e6, "m": 1e6,
    "billion": 1e9, "bn": 1e9, "trillion": 1e12,
}  # fmt: skip
VAGUE = {
    "dozens": (12, 144), "hundreds": (100, 1e4), "thousands": (1e3, 1e6), "millions": (1e6, 1e9),
    "billions": (1e9, 1e12), "couple": (2, 3), "pair": (2, 2), "both": (2, 2), "handful": (3, 6),
    "several": (3, 9), "few": (3, 6),
}  # fmt: skip
TIMES = {
    "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "twice": 2, "halved": 0.5, "halve": 0.5,
    "halving": 0.5, "triple": 3, "tripled": 3, "tripling": 3, "thrice": 3, "quadrupled": 4, "once": 1,
}  # fmt: skip
ORDINALS = {
    word: value
    for value, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
        "seventeenth eighteenth nineteenth twentieth".split(),
        3,
    )
}
PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5,
          "fifths": 5, "sixth": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10}  # fmt: skip
_HOUR = 3600.0
UNITS = {
    name: (dimension, factor)
    for dimension, factor, names in (
        ("%", 1.0, "% percent percentage"),
        ("x", 1.0, "x times fold"),
        ("s", 1e-6, "microsecond microseconds"),
        ("s", 1e-3, "ms millisecond milliseconds"),
        ("s", 1.0, "seconds sec secs"),
        ("s", 60.0, "minute minutes min mins"),
        ("s", _HOUR, "hour hours"),
        ("s", 24 * _HOUR, "day days"),
        ("s", 7 * 24 * _HOUR, "week weeks"),
        ("s", 14 * 24 * _HOUR, "fortnight"),
        ("s", 730.5 * _HOUR, "month months"),
        ("s", 8766 * _HOUR, "year years yr yrs year-old"),
        ("s", 87660 * _HOUR, "decade decades"),
        ("s", 876600 * _HOUR, "century centuries"),
        ("$", 1.0, "$ dollar dollars buck bucks usd"),
        ("£", 1.0, "£ pound pounds quid"),
        ("€", 1.0, "€ euro euros"),
        ("¢", 1.0, "cent cents"),
        ("B", 1.0, "byte bytes"),
        ("B", 1e3, "kb kilobyte kilobytes"),
        ("B", 1e6, "mb meg megs megabyte megabytes"),
        ("B", 1e9, "gb gig gigs gigabyte gigabytes"),
        ("B", 1e12, "tb terabyte terabytes"),
        ("m", 1e-3, "mm millimetre millimetres millimeter millimeters"),
        ("m", 0.01, "cm centimetre centimetres centimeter centimeters"),
        ("m", 0.0254, "inch inches"),
        ("m", 0.3048, "foot feet"),
        ("m", 0.9144, "yard yards"),
        ("m", 1.0, "metre metres meter meters"),
        ("m", 1e3, "km kilometre kilometres kilometer kilometers"),
        ("m", 1609.0, "mile miles"),
        ("kg", 1.0, "kg kilo kilos kilograms"),
    )
    for name in names.split()
}
