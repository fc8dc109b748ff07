"""The table of worker processes, each with the moment up to which it has done its rounds."""

from sqlalchemy.orm import Mapped, mapped_column

from petition.columns import PublicId, Time
from petition.extensions import Base


class Pulse(Base):
    """One worker process. It goes a day after the process has."""

    __tablename__ = "worker_pulses"

    worker: Mapped[PublicId] = mapped_column(primary_key=True)
    started_at: Mapped[Time]
    seen_at: Mapped[Time]
    """When the round that lags most behind was last done: a worker whose mails hang is not alive."""
