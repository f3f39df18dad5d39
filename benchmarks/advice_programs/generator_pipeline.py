"""Generators chained into a pipeline: read, parse, keep, add up."""

from datetime import datetime

from _ways import pooled, run

COUNT = 240_000
LINES = [f"2024-{1 + n % 12:02d}-{1 + n % 28:02d}T10:{n % 60:02d}:00;user{n % 97};{n % 1000}.5" for n in range(COUNT)]


def records(lines):
    for line in lines:
        when, user, amount = line.split(";")
        yield datetime.strptime(when, "%Y-%m-%dT%H:%M:%S"), user, float(amount)


def weekdays(rows):
    return (row for row in rows if row[0].weekday() < 5)


def totals(rows):
    sums = {}
    for _, user, amount in rows:
        sums[user] = sums.get(user, 0.0) + amount
    return sums


def part(lines):
    return totals(weekdays(records(lines)))


def main():
    sums = totals(weekdays(records(LINES)))
    print(len(sums), round(sum(sums.values())))


if __name__ == "__main__":
    parts = [LINES[start : start + COUNT // 8] for start in range(0, COUNT, COUNT // 8)]
    run(main, pooled(part, parts))
