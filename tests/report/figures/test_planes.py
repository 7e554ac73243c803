from levelset.report.figures.palette import assign
from levelset.report.figures.planes import draw_planes
from levelset.report.figures.regions import class_key
from levelset.studies.charts import PlaneChart
from tests.report.figures.test_regions import panel


def drawn(*panels, classes=("a", "b", "c")):
    chart = PlaneChart("t", "c", "left to right", "bottom to top", panels, classes)
    return draw_planes(chart, assign([[class_key(name) for name in classes]]))


def test_each_panel_is_a_frame_with_its_title():
    picture = drawn(panel("one"), panel("two")).picture
    assert [frame.title for frame in picture.frames] == ["one", "two"]
    assert (picture.x_name, picture.y_name) == ("left to right", "bottom to top")


def test_many_rows_are_thinned_and_the_caption_says_so():
    drawing = drawn(panel(rows=1000))
    assert sum(len(marks.spots) for marks in drawing.picture.frames[0].marks) <= 300
    assert "Of 1000 rows, 300 are drawn." in drawing.notes


def test_shares_of_the_plane_are_there_as_numbers():
    numbers = drawn(panel("one", lead=50.0)).numbers
    assert numbers is not None
    assert numbers.rows == (("one", "1", "0", "0"),)


def test_many_classes_and_panels_stay_small():
    names = tuple(f"class {n}" for n in range(10))
    drawing = drawn(*(panel(f"p{n}", 10, grid=150) for n in range(6)), classes=names)
    shapes = [shape for frame in drawing.picture.frames for shape in frame.shapes]
    assert sum(len(shape.path) for shape in shapes) < 150_000
