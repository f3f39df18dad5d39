# rules: IOB206
import sqlalchemy
from sqlalchemy.orm import Session


# case: only migrations call it
def rename_all(session: Session, names):
    for name in names:
        session.execute(sqlalchemy.text("UPDATE item SET name = :new WHERE name = :old"), {"old": name})  # expect: IOB206~


# case: the program calls it, too
def touch_all(session: Session, names):
    for name in names:
        session.execute(sqlalchemy.text("UPDATE item SET seen = 1 WHERE name = :name"), {"name": name})  # expect: IOB206


def serve(session: Session, request):
    touch_all(session, request.names)
