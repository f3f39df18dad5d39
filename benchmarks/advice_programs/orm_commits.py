"""SQLAlchemy: one session, one object, one commit at a time."""

import tempfile

from _ways import run
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

COUNT = 800


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def add_user(engine, name):
    with Session(engine) as session:
        session.add(User(name=name))
        session.commit()


def main():
    with tempfile.TemporaryDirectory(dir=".") as folder:
        engine = create_engine(f"sqlite:///{folder}/users.db")
        Base.metadata.create_all(engine)
        for number in range(COUNT):
            add_user(engine, f"user {number}")
        with Session(engine) as session:
            print(len(session.scalars(select(User)).all()))


def together(_):
    with tempfile.TemporaryDirectory(dir=".") as folder:
        engine = create_engine(f"sqlite:///{folder}/users.db")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add_all([User(name=f"user {number}") for number in range(COUNT)])
            session.commit()
            print(len(session.scalars(select(User)).all()))


if __name__ == "__main__":
    run(main, {"batch": together}, {"batch": (1,)})
