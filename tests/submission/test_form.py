"""Submissions in the form of many samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.errors import SubmissionError
from photobench.records import Attribute, ClassSpace, Predictions
from photobench.submit import (
    Submission,
    SubmitOptions,
    make_submission,
    validate_submission,
    write_submission,
)
from tests.submission.answers import ANIMALS, AUTO, DIGITS, LEAVES, PEOPLE, broken, rows, sure


class TestForms:
    """What is written for each kind of sample; every result fits its sample."""

    def check(self, predictions: Predictions, path: Path, options: SubmitOptions = AUTO) -> Submission:
        made = make_submission(predictions, path, options)
        assert validate_submission(made.frame, path, predictions.space, options) == []
        target = path.with_name("out.csv")
        write_submission(made, target, path, predictions.space, options)
        assert validate_submission(target, path, predictions.space, options) == []
        return made

    def test_ai_stages_wants_class_ids_in_its_order(self, sample) -> None:
        path = sample("ImageID,ans\nb.jpg,0\nc.jpg,0\na.jpg,0\n")
        made = self.check(sure(PEOPLE, [17, 3, 0]), path)
        assert rows(made) == [["b.jpg", 3], ["c.jpg", 0], ["a.jpg", 17]]
        assert made.frame["ans"].dtype == np.int64
        assert made.to_bytes() == b"ImageID,ans\nb.jpg,3\nc.jpg,0\na.jpg,17\n"
        assert made.notes == (
            'Column "ImageID" names the photo.',
            'Column "ans" holds the class as a number, 0 … 17.',
        )

    def test_number_ids_without_ending(self, sample) -> None:
        path = sample("id,label\n2,cat\n10,cat\n1,cat\n")
        made = self.check(sure(ANIMALS, [0, 1, 1], ["1.jpg", "2.jpg", "10.jpg"]), path)
        assert rows(made) == [[2, "dog"], [10, "dog"], [1, "cat"]]
        assert made.frame["id"].dtype == np.int64

    def test_leading_zeros_stay(self, sample) -> None:
        path = sample("id,label\n001,0\n002,0\n")
        made = self.check(sure(ANIMALS, [0, 1], ["001.png", "002.png"]), path)
        assert made.to_bytes() == b"id,label\n001,0\n002,1\n"

    def test_ids_that_are_paths(self, sample) -> None:
        path = sample("file,label\nimages/a.jpg,0\n./images\\b.jpg,0\n")
        assert rows(self.check(sure(ANIMALS, [0, 1]), path)) == [["images/a.jpg", 0], ["./images\\b.jpg", 1]]

    def test_ids_with_another_ending(self, sample) -> None:
        path = sample("file,label\na.png,0\nb.png,0\n")
        assert rows(self.check(sure(ANIMALS, [0, 1]), path)) == [["a.png", 0], ["b.png", 1]]

    def test_a_name_of_the_joint_class(self, sample) -> None:
        path = sample("file,answer\na.jpg,worn · male · <30\n")
        assert rows(self.check(sure(PEOPLE, [17]), path)) == [["a.jpg", "none · female · >=60"]]

    def test_a_column_per_attribute_as_label_or_code(self, sample) -> None:
        path = sample("file,age,mask,Gender\na.jpg,<30,worn,0\nb.jpg,<30,worn,0\n")
        made = self.check(sure(PEOPLE, [0, 17]), path)
        assert rows(made) == [["a.jpg", "<30", "worn", 0], ["b.jpg", ">=60", "none", 1]]

    def test_probabilities_per_label(self, sample) -> None:
        path = sample("image_id,scab,healthy,rust\na,0.25,0.25,0.5\nb,0.25,0.25,0.5\n")
        made = self.check(sure(LEAVES, [0, 2]), path)
        np.testing.assert_allclose(made.frame.iloc[:, 1:], [[0.1, 0.8, 0.1], [0.8, 0.1, 0.1]])

    def test_probabilities_per_class_number(self, sample) -> None:
        path = sample("img,c0,c1,c2\na.jpg,0.3,0.3,0.4\n")
        (row,) = rows(self.check(sure(LEAVES, [1]), path))
        assert row[1:] == pytest.approx([0.1, 0.8, 0.1])

    def test_probabilities_of_several_attributes(self, sample) -> None:
        path = sample("img,mask_none,female\na.jpg,0.5,0.5\n")
        made = self.check(sure(PEOPLE, [17]), path)
        small = 0.2 / 17
        assert rows(made)[0][1:] == pytest.approx([0.8 + 5 * small, 0.8 + 8 * small])

    def test_one_probability_of_two_classes_is_that_of_the_second(self, sample) -> None:
        path = sample("id,label\n1,0.5\n2,0.5\n")
        made = self.check(sure(ANIMALS, [1, 0], ["1.jpg", "2.jpg"]), path)
        assert rows(made) == [[1, pytest.approx(0.8)], [2, pytest.approx(0.2)]]
        assert made.notes[1] == 'Column "label" holds the probability of animal "dog".'

    def test_labels_that_are_numbers_are_labels(self, sample) -> None:
        space = ClassSpace((Attribute("grade", ("1", "2", "5")),))
        made = self.check(sure(space, [2, 0]), sample("id,grade\na,0\nb,0\n"))
        assert rows(made) == [["a", 5], ["b", 1]]

    def test_the_way_that_bytes_are_written(self, sample) -> None:
        space = ClassSpace((Attribute("동물", ("고양이", "개")),))
        path = sample("파일;동물\r\na.jpg;개\r\n", "cp949")
        assert self.check(sure(space, [0]), path).to_bytes() == "파일;동물\r\na.jpg;고양이\r\n".encode("cp949")
        for encoding in ("utf-8-sig", "utf-16"):
            path = sample("id\tlabel\na.jpg\tcat\n", encoding)
            assert self.check(sure(ANIMALS, [1]), path).to_bytes() == "id\tlabel\na.jpg\tdog\n".encode(encoding)

    def test_the_project_file_can_say_what_columns_hold(self, sample) -> None:
        path = sample("key,n,x,y,z,w,usage\na.jpg,0,?,?,?,?,public\n")
        columns = {"x": "age.code", "y": "gender", "z": "mask=none", "w": "class=17", "usage": "keep", "n": "name"}
        made = self.check(sure(PEOPLE, [17]), path, SubmitOptions(columns=columns))
        (row,) = rows(made)
        assert row[:4] == ["a.jpg", "none · female · >=60", 2, "female"]
        assert row[4:] == [pytest.approx(0.8 + 5 * 0.2 / 17), pytest.approx(0.8), "public"]

    def test_the_id_column_is_the_one_that_matches(self, sample) -> None:
        path = sample("row,photo,ans\n0,b.jpg,0\n1,a.jpg,0\n")
        made = make_submission(sure(PEOPLE, [4, 5]), path, SubmitOptions(columns={"row": "keep", "ans": "class"}))
        assert rows(made) == [[0, "b.jpg", 5], [1, "a.jpg", 4]]

    def test_photos_beside_the_sample_are_left_out(self, sample) -> None:
        made = self.check(sure(ANIMALS, [0, 1, 0]), sample("id,label\nb.jpg,0\n"))
        assert made.notes[-1] == "Of the predicted photos, 2 are not in the sample and were left out."


class TestBrokenPhotos:
    def test_get_the_most_frequent_class(self, sample) -> None:
        made = make_submission(
            broken(sure(PEOPLE, [17, 4, 4, 0]), 3), sample("ImageID,ans\na.jpg,0\nb.jpg,0\nc.jpg,0\nd.jpg,0\n"), AUTO
        )
        assert made.frame["ans"].tolist() == [17, 4, 4, 4]
        assert made.notes[-1] == (
            '1 photo could not be read and got the most frequent class, "worn · female · 30-59": eval/images/d.jpg.'
        )

    def test_get_mean_probabilities(self, sample) -> None:
        path = sample("id,healthy,rust,scab\na,1,0,0\nb,1,0,0\nc,1,0,0\n")
        made = make_submission(broken(sure(LEAVES, [0, 0, 1]), 0), path, AUTO)
        np.testing.assert_allclose(made.frame.iloc[0, 1:].astype(float), [0.45, 0.45, 0.1])
        assert validate_submission(made.frame, path, LEAVES, AUTO) == []

    def test_all_of_them_is_an_error(self, sample) -> None:
        with pytest.raises(SubmissionError, match="truncated"):
            make_submission(broken(sure(ANIMALS, [0]), 0), sample("id,label\na.jpg,0\n"), AUTO)


class TestWriting:
    def test_an_unfit_submission_leaves_the_old_file(self, sample, tmp_path: Path) -> None:
        path, target = sample("ImageID,ans\na.jpg,0\n"), tmp_path / "out" / "sub.csv"
        made = make_submission(sure(PEOPLE, [3]), path, AUTO)
        write_submission(made, target, path, PEOPLE, AUTO)
        bad = Submission(made.frame.assign(ans=99), made.notes, made.style, made.id_column)
        with pytest.raises(SubmissionError, match="outside the classes"):
            write_submission(bad, target, path, PEOPLE, AUTO)
        assert target.read_bytes() == b"ImageID,ans\na.jpg,3\n"
        assert [p.name for p in target.parent.iterdir()] == ["sub.csv"]

    def test_a_letter_that_the_encoding_lacks(self, sample) -> None:
        space = ClassSpace((Attribute("동물", ("고양이", "🐕")),))
        path = sample("파일,동물\na.jpg,고양이\n", "cp949")
        with pytest.raises(SubmissionError, match="cp949"):
            make_submission(sure(space, [1]), path, AUTO).to_bytes()

    def test_the_id_column_found_by_the_photos_is_used_to_check(self, sample, tmp_path: Path) -> None:
        """Names alone would point at `key_id`."""
        path = sample("key_id,photo,ans\n7,a,0\n8,b,0\n")
        options = SubmitOptions(columns={"key_id": "keep", "ans": "class"})
        made = make_submission(sure(PEOPLE, [1, 2]), path, options)
        write_submission(made, tmp_path / "sub.csv", path, PEOPLE, options)
        assert (tmp_path / "sub.csv").read_text() == "key_id,photo,ans\n7,a,1\n8,b,2\n"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("space", [PEOPLE, ANIMALS, LEAVES, DIGITS], ids=["people", "animals", "leaves", "digits"])
def test_any_predictions_come_back_from_the_file(sample, tmp_path: Path, space: ClassSpace, seed: int) -> None:
    """Random photos, ids in random order and form: what is read from the file is what was predicted."""
    rng = np.random.default_rng(seed)
    names = [f"{rng.integers(1 << 60):015x}.jpg" for _ in range(50)]
    predictions = sure(space, rng.integers(0, space.num_classes, 50).tolist(), names)
    order = rng.permutation(50)
    ids = [names[i] if seed % 2 else names[i].removesuffix(".jpg") for i in order]
    path = sample("image,answer\n" + "".join(f"{i},0\n" for i in ids))
    made = make_submission(predictions, path, AUTO)
    write_submission(made, tmp_path / "sub.csv", path, space, AUTO)
    back = pd.read_csv(tmp_path / "sub.csv", dtype={"image": str})
    assert back["image"].tolist() == ids
    assert back["answer"].tolist() == predictions.classes()[order].tolist()
