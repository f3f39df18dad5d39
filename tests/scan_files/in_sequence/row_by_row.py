# rules: IOB206
import subprocess

import sqlalchemy
from sqlalchemy.orm import Session

PLANS = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


# case: rows that the source writes out
def add_plans(session: Session, plans):
    for name, price in PLANS.items():
        session.execute(plans.insert().values(name=name, price=price))  # expect: IOB206~


# case: rows that come from somewhere
def add_all(session: Session, plans, rows):
    for name, price in rows.items():
        session.execute(plans.insert().values(name=name, price=price))  # expect: IOB206


# case: a helper says whether a row was changed
def claim(session: Session, number) -> bool:
    result = session.execute(sqlalchemy.text("UPDATE job SET claimed = 1 WHERE id = :id"), {"id": number})
    return result.rowcount == 1


def claim_all(session: Session, numbers):
    return [number for number in numbers if claim(session, number)]  # expect: IOB206~


# case: a helper that says nothing
def release(session: Session, number) -> None:
    session.execute(sqlalchemy.text("UPDATE job SET claimed = 0 WHERE id = :id"), {"id": number})


def release_all(session: Session, numbers):
    for number in numbers:
        release(session, number)  # expect: IOB206


# case: each may fail by itself
def delete_all(session: Session, numbers, log):
    for number in numbers:
        try:
            session.execute(sqlalchemy.text("DELETE FROM token WHERE id = :id"), {"id": number})  # expect: IOB206~
        except Exception as error:
            log.warning("%s: %s", number, error)


# case: what may fail is all that is done to an item
def create_all(session: Session, rows, log):
    for row in rows:
        try:
            name, role = row["name"], row["role"]
            known = session.execute(sqlalchemy.text("SELECT 1 FROM person WHERE name = :name"), {"name": name})  # expect: IOB206
            if known.scalar():
                continue
            secret = row["secret"].encode()
            log.info("%s becomes %s %s", name, role, len(secret))
        except Exception as error:
            log.warning("%s: %s", row, error)


# case: the first failure ends it
def delete_strictly(session: Session, numbers, log):
    for number in numbers:
        try:
            session.execute(sqlalchemy.text("DELETE FROM token WHERE id = :id"), {"id": number})  # expect: IOB206
        except Exception as error:
            log.warning("%s: %s", number, error)
            raise


# case: patterns, which no list of values does for
def matching(session: Session, services, patterns):
    found = []
    for pattern in patterns:
        text = pattern.replace("*", "%")
        found += session.execute(sqlalchemy.select(services).where(services.c.name.like(text)))  # expect: IOB206~
    return found


def matching_text(session: Session, patterns):
    statement = sqlalchemy.text("SELECT name FROM service WHERE name = :name")
    return [session.execute(statement, {"name": pattern}) for pattern in patterns]  # expect: IOB206


# case: a child process for each takes far longer
def recover(session: Session, numbers):
    for number in numbers:
        script = session.execute(sqlalchemy.text("SELECT script FROM job WHERE id = :id"), {"id": number})  # expect: IOB206~
        subprocess.run(["sh", "-c", script.scalar()], check=False)
