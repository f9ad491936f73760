def test_a_pole_of_the_data_is_named():
    load = 4 * x / (x**2 + y**2)
    problem = Problem(square, Eq(laplacian(u), load), Eq(u, 0) @ square.boundary)
    with pytest.warns(UserWarning, match="this is no solution yet"):
        solution = solve(problem, tolerance=1e-6, budget=Budget(columns=120))
    assert any("narrow feature at x=0 within" in told for told in solution.diagnosis())
