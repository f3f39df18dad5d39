"""Planets that pull at each other: every step needs the one before."""

from _ways import run

BODIES = [[float(n), float(n * n % 7), float(n % 3), 0.0, 0.0, 0.01 * n, 1.0 + n % 4] for n in range(1, 7)]


def advance(bodies, dt):
    for index, one in enumerate(bodies):
        for other in bodies[index + 1 :]:
            dx, dy, dz = one[0] - other[0], one[1] - other[1], one[2] - other[2]
            pull = dt / (dx * dx + dy * dy + dz * dz + 0.01) ** 1.5
            for axis, distance in ((3, dx), (4, dy), (5, dz)):
                one[axis] -= distance * other[6] * pull
                other[axis] += distance * one[6] * pull
    for body in bodies:
        for axis in range(3):
            body[axis] += dt * body[axis + 3]


def energy(bodies):
    return sum(0.5 * body[6] * (body[3] ** 2 + body[4] ** 2 + body[5] ** 2) for body in bodies)


def main():
    for _ in range(130_000):
        advance(BODIES, 0.001)
    print(f"{energy(BODIES):.6f}")


if __name__ == "__main__":
    run(main)
