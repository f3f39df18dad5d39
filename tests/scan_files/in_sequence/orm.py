# rules: IOB206
import itertools
from itertools import zip_longest

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop import Customer, Item, Order


# case: a row is only marked: the session deletes all of them together
def drops(session: Session, orders):
    for order in orders:
        session.delete(order)


# case: a row is fetched for each
def fetches(session: Session, numbers):
    return [session.get(Order, number) for number in numbers]  # expect: IOB206


# case: another table each time: no other statement asks both
def forgets(session: Session, customer):
    for model in (Order, Item, Customer, Session, object):
        session.execute(delete(model).where(model.customer == customer))


# case: a table for each, by a name that is set before
def forgets_by_name(session: Session, models, customer):
    for model in models:
        statement = delete(model).where(model.customer == customer)
        session.execute(statement)


# case: the same table each time
def forgets_each(session: Session, customers):
    for customer in customers:
        session.execute(delete(Order).where(Order.customer == customer))  # expect: IOB206


# case: tries again until the database can be reached
def retried(session: Session, attempts):
    for attempt in attempts:
        with attempt:
            return session.scalars(select(Order)).all()


# case: goes on until nothing is left
def in_rounds(session: Session):
    for number in itertools.count(1):
        orders = session.scalars(select(Order).limit(100)).all()
        if not orders:
            return number


# case: many at once, as often as is allowed
def purges(session: Session, most):
    for _ in range(most):
        session.execute(delete(Order).where(Order.old).limit(100))


# case: items come in groups
def in_groups(session: Session, numbers):
    for group in zip_longest(*[iter(numbers)] * 100):
        session.execute(delete(Order).where(Order.number.in_(group)))


# case: what was asked for once is remembered
class Shop:
    def __init__(self, session: Session):
        self.session = session
        self.known = {}

    def customer(self, number):
        if number in self.known:
            return self.known[number]
        self.known[number] = self.session.get(Customer, number)
        return self.known[number]

    def customers(self, numbers):
        return [self.customer(number) for number in numbers]  # expect: IOB206~


# case: what is asked for anew each time
class Forgetful:
    def __init__(self, session: Session):
        self.session = session

    def customer(self, number):
        if number is None:
            return None
        return self.session.get(Customer, number)

    def customers(self, numbers):
        return [self.customer(number) for number in numbers]  # expect: IOB206


# case: told once though two loops are around it
def nested(session: Session, groups):
    for group in groups:
        while group.goes_on():
            for number in group:
                session.get(Order, number)  # expect: IOB206


# case: two tables, though their type is told as well
def converts(session: Session, customer):
    tables: tuple[type, ...] = (Order, Item)
    for table in tables:
        session.execute(select(Order).where(Order.kind == table.__name__))


# case: only of rows that lack it
def completes(session: Session, order):
    if order.version is not None:
        return True
    return session.scalar(select(Order.version).where(Order.number == order.number)) is not None


def complete_all(session: Session, orders):
    return [completes(session, order) for order in orders]  # expect: IOB206~


# case: a session asks only for what it does not hold
def merges(session: Session, orders):
    for order in orders:
        order.open = False
        session.merge(order)  # expect: IOB206~


# case: each by itself on purpose: one may fail without the others
def apart(session: Session, customers):
    for customer in customers:
        with session.begin_nested():
            session.execute(delete(Order).where(Order.customer == customer))  # expect: IOB206~


# case: tables that are looked up by name
def count_rows(session: Session, names):
    counts = {}
    for name in names:
        table = table_of(name)
        statement = select(func.count()).select_from(table).where(table.c.kind == "new")
        counts[name] = session.execute(statement).scalar_one()
        session.execute(table.update().where(table.c.kind == "new").values(kind="old"))
    return counts


# case: one table, of which rows are counted for each item
def count_of_each(session: Session, customers):
    counts = {}
    for customer in customers:
        statement = select(func.count()).select_from(Order).where(Order.customer == customer)
        counts[customer] = session.execute(statement).scalar_one()  # expect: IOB206
    return counts


# case: a helper that is given another column each time
def values_of(session: Session, column):
    return set(session.execute(select(column).select_from(column.table)))


def values_by_name(session: Session, columns):
    return {name: values_of(session, column) for name, column in columns}


# case: a helper that is given a row's key each time
def lines_of(session: Session, number):
    return set(session.execute(select(Item).where(Item.order == number)))


def lines_by_number(session: Session, numbers):
    return {number: lines_of(session, number) for number in numbers}  # expect: IOB206
