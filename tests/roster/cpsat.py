"""The bench clinic's roster as an OR-Tools CP-SAT model of its own, for `make bench`: nothing of ours stands behind it.

    cpsat.py PROBLEM.json [SECONDS]

Prints the proven objective and the best time of 1 and 2 workers with linearization level 1 and 2, as
"objective seconds setting"; a setting that proves nothing within SECONDS is left out.
"""

import json
import sys
import time

from ortools.sat.python import cp_model

LOAD_BALANCE, PREFERRED_BALANCE = 10, 1


def build(problem):
    model = cp_model.CpModel()
    shifts = {shift["id"]: shift for shift in problem["shifts"]}
    staff = problem["staff"]
    x, cost = {}, []
    matches = {person: [] for person in staff}
    for person, shift, points, matched in problem["pairs"]:
        var = model.new_bool_var("")
        x[person, shift] = var
        if points:
            cost.append(int(points) * var)
        if matched:
            matches[person].append(var)

    for shift in shifts:
        model.add_exactly_one(x[p, shift] for p in staff if (p, shift) in x)

    # Half-days: shifts of one day and kind run at the same time.
    def of(person, day=None, kind=None):
        return [
            x[person, s]
            for s, shift in shifts.items()
            if (person, s) in x and day in (None, shift["day"]) and kind in (None, shift["kind"])
        ]

    days = sorted({shift["day"] for shift in shifts.values()})
    for person in staff:
        for day in days:
            for kind in ("early", "late"):
                model.add_at_most_one(of(person, day, kind))

    # Balance: squares of what is beyond the fair share's rounding, and the triangle of preferred matches.
    total, people = len(shifts), len(staff)
    low, high = total // people, -(-total // people)
    for person in staff:
        load = sum(of(person))
        away = model.new_int_var(0, total, "")
        model.add(away >= load - high)
        model.add(away >= low - load)
        cost.extend(steps(model, away, LOAD_BALANCE, 10, lambda k: 2 * k - 1))
        if matches[person]:
            count = model.new_int_var(0, 10, "")
            model.add(count == sum(matches[person]))
            cost.extend(steps(model, count, PREFERRED_BALANCE, 10, lambda k: k - 1))

    if problem["rules"] == "all":
        cost.extend(all_rules(model, problem, staff, days, of))
    model.minimize(sum(cost))
    return model


def steps(model, value, weight, most, factor):
    """weight × Σ factor(k), k up to value: a convex cost as unit steps."""
    unit = [model.new_bool_var("") for _ in range(most)]
    model.add(value <= sum(unit))
    return [weight * factor(k + 1) * step for k, step in enumerate(unit)]


def all_rules(model, problem, staff, days, of):
    cost = []
    requests = {}
    for person, day, kind, is_wanted in problem["shift_requests"]:
        requests.setdefault(person, []).append((day, kind, is_wanted))
    for person in staff:
        model.add(sum(of(person)) <= 7)
        many = model.new_int_var(0, 10, "")
        model.add(many >= sum(of(person, kind="late")) - 3)
        cost.append(30 * many)

        works = {}
        for day in range(7):
            works[day] = model.new_bool_var("")
            if of(person, day):
                model.add_max_equality(works[day], of(person, day))
            else:
                model.add(works[day] == 0)
        for day in range(3):
            broken = model.new_bool_var("")
            model.add(sum(works[d] for d in range(day, day + 5)) - broken <= 4)
            cost.append(40 * broken)
        for day in range(5):
            # work, one day off, work
            broken = model.new_bool_var("")
            model.add(works[day] - works[day + 1] + works[day + 2] - broken <= 1)
            cost.append(15 * broken)
        for day in days[:-1]:
            broken = model.new_bool_var("")
            model.add(sum(of(person, day, "late")) + sum(of(person, day + 1, "early")) - broken <= 1)
            cost.append(25 * broken)

        for day, kind, is_wanted in requests.get(person, []):
            any_of_them = model.new_bool_var("")
            if of(person, day, kind):
                model.add_max_equality(any_of_them, of(person, day, kind))
            else:
                model.add(any_of_them == 0)
            cost.append(20 * (1 - any_of_them) if is_wanted else 20 * any_of_them)
    return cost


def main():
    with open(sys.argv[1]) as file:
        problem = json.load(file)
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    best = None
    for workers in (1, 2):
        for level in (1, 2):
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = workers
            solver.parameters.linearization_level = level
            solver.parameters.max_time_in_seconds = limit if best is None else min(limit, best[1])
            started = time.perf_counter()
            model = build(problem)
            built = time.perf_counter()
            status = solver.solve(model)
            seconds = time.perf_counter() - built
            if status == cp_model.OPTIMAL and (best is None or seconds < best[1]):
                best = (round(solver.objective_value), seconds, f"{workers} worker(s), linearization {level}, build {built - started:.3f} s")
    if best is None:
        print(f"none {limit} nothing proven")
    else:
        print(f"{best[0]} {best[1]:.4f} {best[2]}")


main()
