from levelset.data.wording import as_paragraph, quoted, suggested


def test_a_long_value_is_cut():
    assert quoted("x" * 100) == "`" + "x" * 40 + "…`"


def test_nothing_is_suggested_for_a_name_like_no_other():
    assert suggested("zzz", ["age", "class"]) == ""


def test_further_faults_are_counted():
    faults = [f"Fault {i}." for i in range(7)]
    assert as_paragraph("a", faults).endswith("Fault 4. There are 2 further faults.")
    assert as_paragraph("a", faults[:6]).endswith("Fault 4. There is 1 further fault.")
