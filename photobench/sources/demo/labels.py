"""What the demo's labels are called, and the class that they make together."""

from __future__ import annotations

WORN, INCORRECT, NOT_WORN = 0, 1, 2
MALE, FEMALE = 0, 1
GENDERS = {MALE: "male", FEMALE: "female"}
MASKS = {WORN: "worn", INCORRECT: "incorrect", NOT_WORN: "not worn"}
AGES = {0: "under 30", 1: "30 to 59", 2: "60 and over"}
PHOTOS = {f"mask{i}": WORN for i in range(1, 6)} | {"incorrect_mask": INCORRECT, "normal": NOT_WORN}


def class_id(mask: int, gender: int, age: int) -> int:
    """The competition's class, 0 to 17; `age` in years."""
    return 6 * mask + 3 * gender + age_band(age)


def age_band(age: int) -> int:
    return int(age >= 30) + int(age >= 60)
