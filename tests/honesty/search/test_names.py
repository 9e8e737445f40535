import pytest

from jaxlm.honesty.search.names import names, parts


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Ada Baker", ["Ada Baker"]),
        ("What is the birthplace of Ada Baker?", ["Ada Baker"]),
        ("When was Ada Baker's sister, Eva Moss, born?", ["Ada Baker", "Eva Moss"]),
        ("Did Ada Baker and Tom Moss meet?", ["Ada Baker", "Tom Moss"]),
        ("Who leads the University of Velm?", ["University of Velm"]),
        ("In the United States of old", ["United States"]),
        ("Is J. K. Moss the pilot of Apollo 11?", ["J K Moss", "Apollo 11"]),
        ('Who wrote "the frozen crown"?', ["the frozen crown"]),
        ("Yesterday Ada Baker came", ["Yesterday Ada Baker"]),
        ("Émile Zolà", ["Émile Zolà"]),
        ("where is velm", []),
        ("Where is Velm?", []),
        ("", []),
        ("? \" ' “", []),
    ],
)
def test_names(query, found):
    assert [" ".join(name) for name in names(query)] == found


def test_parts_go_from_long_to_short_and_end_in_no_small_word():
    spans = [[" ".join(span) for span in spans] for spans in parts(["Old", "University", "of", "Velm"])]
    assert spans == [["Old University of Velm"], ["University of Velm"], ["Old University"]]
