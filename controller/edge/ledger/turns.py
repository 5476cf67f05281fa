"""SqlTurns: one at a time, by name, over all processes."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Engine, case, delete, or_, select, update

from controller.edge.ledger.engine import Clock, insert, reading, utcnow, writing
from controller.edge.ledger.tables import turns


class SqlTurns:
    """Turns as rows, each with its end, so that a lost owner blocks nobody for long."""

    def __init__(self, engine: Engine, clock: Clock = utcnow) -> None:
        self._engine = engine
        self._clock = clock

    def take(self, name: str, owner: str, seconds: float) -> bool:
        """Take a turn for so long, or lengthen one's own; if somebody else has it, leave word that it was wanted."""
        with writing(self._engine, self._clock) as work:
            until = work.now + timedelta(seconds=seconds)
            statement = insert(work.conn, turns).values(name=name, owner=owner, until=until, wanted=False)
            is_free = or_(turns.c.until <= work.now, turns.c.owner == owner)
            still_wanted = case((turns.c.owner == owner, turns.c.wanted), else_=False)
            taken = work.conn.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"],
                    set_={"owner": owner, "until": until, "wanted": still_wanted},
                    where=is_free,
                ).returning(turns.c.name)
            ).first()
            if taken is None:
                work.conn.execute(update(turns).where(turns.c.name == name).values(wanted=True))
            return taken is not None

    def give_back(self, name: str, owner: str) -> bool:
        """Give the turn back; whether it was wanted meanwhile."""
        with writing(self._engine, self._clock) as work:
            own = delete(turns).where(turns.c.name == name, turns.c.owner == owner)
            return bool(work.conn.execute(own.returning(turns.c.wanted)).scalar_one_or_none())

    def abandoned(self, *kinds: str) -> Mapping[str, str]:
        """Turns of these kinds that are over though nobody gave them back, with their owners."""
        are_meant = [or_(turns.c.name == kind, turns.c.name.startswith(f"{kind} ")) for kind in kinds]
        over = select(turns.c.name, turns.c.owner).where(turns.c.until <= self._clock(), or_(*are_meant))
        with reading(self._engine) as conn:
            return dict(conn.execute(over.order_by(turns.c.name)).all())
