"""A migration."""

from alembic import op
from sqlalchemy.orm import Session

from . import rows

revision = "b2"
down_revision = "b1"


# case: what only a migration runs
def upgrade():
    session = Session(bind=op.get_bind())
    rows.rename_all(session, ["a", "b"])
    rows.touch_all(session, ["a", "b"])


def downgrade():
    pass
