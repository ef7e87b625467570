"""The demo data set: drawn people in the layout of the "AI Stages" mask competition, with planted mistakes and the truth beside.

    root/demo.json                                    the parameters; its presence means 'complete'
    root/train/train.csv                              id, gender, race, age, path: one row a person, as their owner believes it
    root/train/images/000001_female_Asian_45/         mask1 to mask5, incorrect_mask, normal
    root/eval/info.csv, root/eval/images/             anonymous photos of other people, and the sample submission
    root/truth/train.csv, root/truth/eval.csv         what training must never read: true classes and planted defects

A class is 6 × mask + 3 × gender + age band: worn, incorrect, not worn; male, female; under 30, 30 to 59, from 60.
"""

from photobench.sources.demo.labels import class_id
from photobench.sources.demo.make import make_demo
from photobench.sources.demo.plan import rarest_label

__all__ = ["class_id", "make_demo", "rarest_label"]
