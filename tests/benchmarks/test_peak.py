from benchmarks.peak import peak_measurement


def test_peak_is_the_sum_over_cores_of_the_median_over_repeats():
    found = peak_measurement("numpy", [[1.0, 4.0, 2.0], [0.5, 0.5, 8.0]], size=1000)
    assert found.gflops_by_core == (1.0, 4.0)
    assert found.gflops == 5.0
